/** The server's clock, as far as it shows itself; until then the visitor's own is believed. */
export interface ServerClock {
    /** Milliseconds since `time`, a moment on the server's clock. */
    age(time: number): number;
    /** It is `time` there now. */
    set(time: number): void;
    /** An answer was made at `date` (`NaN`: it does not say), which is now (`exact`) or longer ago. */
    hear(date: number, exact: boolean): void;
}
export declare function serverClock(): ServerClock;
