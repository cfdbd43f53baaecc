/** As absolute and without a slash at the end; the script's own origin where none is told. */
export declare function endpointOf(value: string | null): string;
