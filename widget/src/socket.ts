/** Centrifugo's bidirectional protocol, as JSON lines on a plain WebSocket: all that a page needs of it. */
import { backoff } from "./backoff.ts";
import { guarded } from "./guard.ts";
import { fields, list, type Fields } from "./json.ts";
import type { Connection, Link, OnData, OnLink, OpenLive } from "./live.ts";
import { sharedOf } from "./shared.ts";
import type { Visitor } from "./visitor.ts";

/** Longer than any healthy handshake, and how late a ping may be, as the server itself waits. */
const PATIENCE_MS = 10_000;
const BACKOFF_CAP_MS = 20_000;
/** Seconds, longer than a visit: without pings, silence proves nothing. */
const NO_PING = 1e6;
/** Commands in a message: the server closes at one of 64 KiB. */
const TOGETHER = 64;
/** A browser takes a longer wait for none. */
const LONGEST_MS = 2 ** 31 - 1;
const ALREADY_SUBSCRIBED = 105;
/** Of an `unsubscribe` of the server: from here on it asks to come again. */
const COME_AGAIN = 2500;

/** A channel that somebody is in. */
interface Slot {
  readonly onLink: OnLink;
  readonly onData: OnData;
  link: Link;
  /** The command that is to be answered. */
  id: number;
  /** The server could not do it just then. */
  again: boolean;
}

/** What a connection is for; the address of the views keeps the channels of two installations apart. */
interface Purpose extends Visitor {
  readonly url: string;
  readonly endpoint: string;
}

interface OpenConnection extends Connection {
  readonly source: Purpose;
}

const connections = new Set<OpenConnection>();

/**
 * What a close code means. Centrifugo's permanent codes say that a setting or the token is wrong, so the next try
 * would fail alike; an expired token is as good as refused as long as the same one would be sent again.
 */
export function isPermanent(code: number): boolean {
  return /^(3005|[34][5-9]..)$/.test(`${code}`);
}

/** The page's one socket to `url` for this visitor. It is open for as long as a channel needs it. */
export const openSocket: OpenLive = (url, { endpoint, token, tokenUrl, getToken }) => {
  const purpose = { url, endpoint, token, tokenUrl, getToken };
  return sharedOf(connections, purpose) ?? connect(purpose);
};

function connect(source: Purpose): OpenConnection {
  const isRenewable = source.tokenUrl || source.getToken;
  const slots = new Map<unknown, Slot>();
  let { token } = source;
  let socket: WebSocket | undefined;
  /** Whether commands can be sent. */
  let opened = false;
  let commands: string[] = [];
  let id = 0;
  /** The command about the connection itself that is to be answered. */
  let own: number;
  let attempt = 0;
  let silence: number;
  let pong: unknown;
  /** Why the server will have nothing more of this visitor. */
  let refusal = "";
  /** One wait at a time: for the token, for the handshake, for the next frame, or for the next try. */
  let timer: ReturnType<typeof setTimeout> | undefined;
  let renewal: ReturnType<typeof setTimeout> | undefined;

  const wait = (delay: number, run: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(run, delay);
  };

  const set = (slot: Slot, link: Link, reason?: string): void => slot.onLink((slot.link = link), reason);

  const close = (): void => {
    clearTimeout(timer);
    clearTimeout(renewal);
    timer = undefined;
    opened = false;
    commands = [];
    const closing = socket;
    socket = undefined;
    closing?.close();
  };

  const refuse = (reason: string): void => {
    close();
    refusal = reason;
    for (const slot of slots.values()) set(slot, "none", reason);
  };

  const lost = (code: number, reason = "", permanent = isPermanent(code)): void => {
    // Of a token that expired, on the way or on arrival, there may be a newer one.
    if (isRenewable && (code === 3005 || code === 109)) token = "";
    else if (permanent) return refuse(`${code} ${reason}`);
    close();
    for (const slot of slots.values()) if (slot.link === "open") set(slot, "connecting");
    wait(backoff(attempt++, BACKOFF_CAP_MS), begin);
  };

  /** A dead peer says nothing, not even goodbye: silence is the only sign of it. */
  const watch = (): void => wait(silence, () => lost(0));

  const flush = (): void => {
    while (opened && commands.length) socket!.send(commands.splice(0, TOGETHER).join("\n"));
  };

  /** Those of one moment go together. */
  const say = (command: object): number => {
    if (!commands.length) queueMicrotask(guarded(flush));
    commands.push(JSON.stringify({ id: ++id, ...command }));
    return id;
  };

  const subscribe = (channel: unknown, slot: Slot): void => {
    slot.again = false;
    slot.id = say({ subscribe: { channel } });
  };

  /** A socket that brings nothing is of no use. */
  const rest = (): void => {
    if ([...slots.values()].every(({ link }) => link === "none")) close();
    if (!slots.size) connections.delete(connection);
  };

  const grant = (slot: Slot, subscription: unknown): void => {
    set(slot, "open");
    for (const kept of list(fields(subscription)["publications"])) slot.onData(fields(kept)["data"], false);
  };

  const deny = (slot: Slot, { code, message, reason = message, temporary }: Fields): void => {
    slot.again = !!temporary || Number(code) >= COME_AGAIN;
    if (slot.again) set(slot, "connecting");
    else {
      set(slot, "none", `${code} ${reason}`);
      rest();
    }
  };

  const renew = (then: () => void, otherwise: () => void): void => {
    const [mine, waiting] = [socket, timer];
    const isOver = (): boolean => mine !== socket || (!mine && waiting !== timer);
    // Loaded only where a token has to be got.
    import("./token.ts")
      .then(({ renew }) => renew(source, PATIENCE_MS))
      .then(
        ([next, refused]) => {
          if (isOver()) return;
          token = next;
          if (refused) refuse(refused);
          else then();
        },
        () => isOver() || otherwise(),
      );
  };

  /** The next token is got when this one has run out: until then the page's server might answer with the same. */
  const expire = (seconds: unknown): void => {
    clearTimeout(renewal);
    if (!seconds || !isRenewable) return;
    const refresh = (): void => {
      // A guest's connection is another one.
      if (token) own = say({ refresh: { token } });
      else lost(0);
    };
    renewal = setTimeout(() => renew(refresh, () => expire(PATIENCE_MS / 1000)), Math.min(Number(seconds) * 1000, LONGEST_MS));
  };

  const onPush = ({ channel, pub, unsubscribe }: Fields): void => {
    const slot = slots.get(channel);
    if (slot && pub) slot.onData(fields(pub)["data"], true);
    if (slot && unsubscribe) deny(slot, fields(unsubscribe));
  };

  const onPing = (): void => {
    if (pong) socket!.send("{}");
    for (const [channel, slot] of slots) if (slot.again) subscribe(channel, slot);
  };

  const onAnswer = ({ id, error, connect, refresh, subscribe }: Fields): void => {
    const { code, message, temporary } = fields(error);
    const slot = [...slots.values()].find((slot) => slot.id === id);
    if (slot) {
      if (!error) grant(slot, subscribe);
      // By its token: what was kept came with the greeting.
      else if (code === ALREADY_SUBSCRIBED) set(slot, "open");
      else deny(slot, fields(error));
    } else if (id === own) {
      if (error) return lost(Number(code), `${message}`, !temporary);
      const { ping, subs, ttl } = fields(connect ?? refresh);
      if (connect) {
        pong = fields(connect)["pong"];
        silence = (Number(ping) || NO_PING) * 1000 + PATIENCE_MS;
        watch();
      }
      expire(ttl);
      for (const [channel, subscription] of Object.entries(fields(subs))) {
        const slot = slots.get(channel);
        if (slot) grant(slot, subscription);
      }
    }
  };

  const onLine = guarded((line: string): void => {
    const frame = fields(JSON.parse(line));
    if (frame["id"]) return onAnswer(frame);
    // More than a greeting: the connection is a good one, and the next failure begins a new row of tries.
    attempt = 0;
    if (frame["push"]) onPush(fields(frame["push"]));
    else onPing();
  });

  const dial = (): void => {
    let mine: WebSocket;
    try {
      mine = socket = new WebSocket(source.url);
    } catch (error) {
      // It can never be opened from here, such as ws: out of an https: page.
      return refuse(`${error}`);
    }
    const mineOnly = <E>(run: (event: E) => void) => guarded((event: E) => mine === socket && run(event));
    mine.onopen = mineOnly(() => {
      opened = true;
      own = say({ connect: { token: token || undefined } });
      for (const [channel, slot] of slots) subscribe(channel, slot);
      flush();
    });
    mine.onmessage = mineOnly(({ data }: MessageEvent<string>) => {
      watch();
      for (const line of data.split("\n")) if (mine === socket) onLine(line);
    });
    mine.onclose = mineOnly(({ code, reason }: CloseEvent) => lost(code, reason));
  };

  const begin = (): void => {
    silence = PATIENCE_MS;
    watch();
    if (token || !isRenewable) dial();
    else renew(dial, () => lost(0));
  };

  const connection: OpenConnection = {
    source,
    token: () => token,
    enter(channel, onLink, onData) {
      const slot: Slot = { onLink, onData, link: "none", id: 0, again: false };
      slots.set(channel, slot);
      connections.add(connection);
      set(slot, refusal ? "none" : "connecting", refusal);
      if (opened) subscribe(channel, slot);
      else if (!refusal && !socket && !timer) begin();
      return () => {
        if (slots.get(channel) !== slot) return;
        slots.delete(channel);
        if (opened && slot.link !== "none") say({ unsubscribe: { channel } });
        rest();
      };
    },
  };
  return connection;
}
