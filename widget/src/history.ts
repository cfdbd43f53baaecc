/** The last 24 hours of a channel, a number per minute. */
import { fields, list } from "./json.ts";
import type { View } from "./view.ts";

export interface History {
  /** The minute of the last number, in minutes since the epoch. */
  readonly last: number;
  /** 1,440 numbers; `null` where nobody took a roll call. */
  readonly present: readonly (number | null)[];
}

const MINUTE_MS = 60_000;
export const MINUTES = 1440;

export const minuteOf = (time: number): number => Math.floor(time / MINUTE_MS);

const isNumber = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;

/** Reads the server's answer; a bad number is a missing one, and what is no history at all gives none. */
export function parseHistory(value: unknown, channel: string): History | undefined {
  const { v, channel: of, step, from, present } = fields(value);
  const numbers = list(present);
  if (v !== 1 || of !== channel || step !== 60 || !isNumber(from) || !numbers.length) return;
  const known = numbers.map((number) => (isNumber(number) ? number : null));
  return moved({ last: minuteOf(from) + known.length - 1, present: known }, 0);
}

/** The history with one more view in it: of the views of a minute, the highest counts. */
export function withView(history: History | undefined, { taken_at, present }: View): History {
  const minute = minuteOf(taken_at);
  const { last, present: numbers } = moved(history ?? { last: minute, present: [] }, minute - (history?.last ?? minute));
  const index = MINUTES - 1 - (last - minute);
  return { last, present: numbers.map((number, at) => (at === index ? Math.max(number ?? 0, present) : number)) };
}

/** The highest per `minutes`, oldest first. */
export function thinned({ present }: History, minutes: number): (number | null)[] {
  return Array.from({ length: MINUTES / minutes }, (_, point) => highest(present.slice(point * minutes, (point + 1) * minutes)));
}

/** The highest of all, and when: the latest, if it was reached more than once. */
export function peak({ last, present }: History): { present: number; at: number; index: number } | undefined {
  const top = highest(present);
  if (!top) return;
  const index = present.lastIndexOf(top);
  return { present: top, at: (last - (MINUTES - 1 - index)) * MINUTE_MS, index };
}

function highest(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce((high, number) => (number === null ? high : Math.max(high ?? 0, number)), null);
}

/** The same, some minutes later (never earlier), and of the right length. */
function moved({ last, present }: History, minutes: number): History {
  const gap = Math.min(MINUTES, Math.max(0, minutes));
  const numbers = [...Array<null>(MINUTES).fill(null), ...present, ...Array<null>(gap).fill(null)];
  return { last: last + Math.max(0, minutes), present: numbers.slice(-MINUTES) };
}
