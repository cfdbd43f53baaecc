/** What came out of JSON may be anything: these read it without a case for each wrong kind. */
export type Fields = Readonly<Record<string, unknown>>;
/** As an object, where nothing is taken for an empty one. */
export declare const fields: (value: unknown) => Fields;
/** As a list; what is none is an empty one. */
export declare const list: (value: unknown) => readonly unknown[];
export declare const isText: (value: unknown) => value is string;
