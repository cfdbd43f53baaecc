import type { View } from "./view.ts";
export interface History {
    /** The minute of the last number, in minutes since the epoch. */
    readonly last: number;
    /** 1,440 numbers; `null` where nobody took a roll call. */
    readonly present: readonly (number | null)[];
}
export declare const MINUTES = 1440;
export declare const minuteOf: (time: number) => number;
/** Reads the server's answer; a bad number is a missing one, and what is no history at all gives none. */
export declare function parseHistory(value: unknown, channel: string): History | undefined;
/** The history with one more view in it: of the views of a minute, the highest counts. */
export declare function withView(history: History | undefined, { taken_at, present }: View): History;
/** The highest per `minutes`, oldest first. */
export declare function thinned({ present }: History, minutes: number): (number | null)[];
/** The highest of all, and when: the latest, if it was reached more than once. */
export declare function peak({ last, present }: History): {
    present: number;
    at: number;
    index: number;
} | undefined;
