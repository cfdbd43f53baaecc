/** The views a reader gets, and the one place where bytes from outside become one. */
import { fields, isText, list } from "./json.ts";

/** What a client may show of itself. */
export type Info = Readonly<Record<string, string | number | boolean>>;

export interface Member {
  readonly id: string;
  readonly info: Info;
  /** Connections (tabs) of this member. */
  readonly clients: number;
  /** First roll call answered, in milliseconds since the epoch. */
  readonly since: number;
}

/** Somebody who answered a short while ago, but not the last roll call. */
export interface Recent {
  readonly id: string;
  readonly info: Info;
  /** Last roll call answered, in milliseconds since the epoch. */
  readonly last_seen: number;
}

/** The socket that brings the next views. */
export interface Live {
  readonly url: string;
  /** Brings the public view; empty when there is none. */
  readonly channel: string;
  /** Brings the members view to signed-in visitors; empty when there is none. */
  readonly members_channel: string;
}

/** The most people that were present at once, and when. */
export interface Peak {
  readonly present: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A counts view, or a members view when `members` is there. */
export interface View {
  readonly channel: string;
  /** The roll call's moment on the server's clock, in milliseconds since the epoch. */
  readonly taken_at: number;
  /** Seconds between roll calls. */
  readonly period: number;
  readonly present: number;
  readonly users: number;
  readonly guests: number;
  readonly clients: number;
  /** As the server tells it: nothing here depends on it. */
  readonly peak?: { readonly today: Peak; readonly ever: Peak };
  readonly live: Live | undefined;
  readonly members: readonly Member[] | undefined;
  /** There are more members than `members`. */
  readonly truncated: boolean;
  readonly recent: readonly Recent[];
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const DAY_SECONDS = 86_400;

/**
 * Reads a view out of parsed JSON. Unknown fields are ignored, and one bad entry is left out of its list; with a wrong
 * version or number there is no view at all.
 */
export function parseView(value: unknown): View | undefined {
  const view = fields(value);
  const { period, members } = view;
  return view["v"] === 1 &&
    isText(view["channel"]) &&
    ["taken_at", "present", "users", "guests", "clients"].every((name) => isCount(view[name])) &&
    isCount(period) &&
    period > 0 &&
    period <= DAY_SECONDS
    ? ({
        ...view,
        live: parseLive(view),
        members: members == null ? undefined : people(members, "since"),
        truncated: !!view["truncated"],
        recent: people(view["recent"], "last_seen"),
      } as unknown as View)
    : undefined;
}

/** The socket that a view names, or an answer that has no view yet. */
export function parseLive(answer: unknown): Live | undefined {
  const { url, channel = "", members_channel = "" } = fields(fields(answer)["live"]);
  return isText(url) && isText(channel) && isText(members_channel) ? { url, channel, members_channel } : undefined;
}

function people(value: unknown, time: string): unknown[] {
  return list(value)
    .map(fields)
    .filter((person) => isText(person["id"]) && isCount(person[time]))
    .map((person) => ({
      ...person,
      info: Object.fromEntries(Object.entries(fields(person["info"])).filter(([, field]) => typeof field !== "object")),
    }));
}
