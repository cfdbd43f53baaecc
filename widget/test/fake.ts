/** A browser's edges for the tests: a clock that stands still, sockets and answers that do what they are told. */
import { mock } from "node:test";

export const T0 = 1_790_000_000_000;

export const liveOf = (channel: string) => ({ url: "wss://rt.example/connection/websocket", channel: `presence:${channel}` });

/** What a view of the server looks like, as JSON gives it. */
export function rawView(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    v: 1,
    channel: "site:main",
    taken_at: T0,
    period: 60,
    present: 3,
    users: 2,
    guests: 1,
    clients: 4,
    live: { url: "wss://rt.example/connection/websocket", channel: "presence:site:main" },
    members: [
      { id: "1", info: { name: "Ann" }, clients: 2, since: T0 - 60_000 },
      { id: "2", info: { name: "Bo" }, clients: 1, since: T0 },
    ],
    truncated: false,
    recent: [],
    ...over,
  };
}

export class FakeSocket {
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }
  readonly url: string;
  readonly sent: string[] = [];
  closed = false;
  onopen?: (event: object) => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number; reason: string }) => void;

  constructor(url: string) {
    if (!/^wss?:/.test(url)) throw new SyntaxError("not a WebSocket URL");
    this.url = url;
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.closed = true;
  }

  open(): void {
    this.onopen?.({});
  }
  /** One message of the server: a line for each frame. */
  frame(...frames: unknown[]): void {
    this.onmessage?.({ data: frames.map((frame) => (typeof frame === "string" ? frame : JSON.stringify(frame))).join("\n") });
  }
  push(channel: string, data: unknown): void {
    this.frame({ push: { channel, pub: { data, offset: 1 } } });
  }
  end(code: number, reason = ""): void {
    this.onclose?.({ code, reason });
  }
  /** Every command so far, in order. */
  get commands(): Command[] {
    return this.sent.flatMap((text) => text.split("\n")).map((line) => JSON.parse(line) as Command);
  }
  /** The channels that were subscribed to, in order. */
  get entered(): string[] {
    return this.commands.flatMap(({ subscribe }) => subscribe?.channel ?? []);
  }
  get left(): string[] {
    return this.commands.flatMap(({ unsubscribe }) => unsubscribe?.channel ?? []);
  }
  /** The token of the first command. */
  get token(): string | undefined {
    return this.commands[0]?.connect?.token;
  }
  #answered = 0;
  /** Answers what was not answered yet: all is granted, and nothing kept unless told (publications, or an error). */
  answer(told: Record<string, unknown> = {}, greeting: Record<string, unknown> = {}): void {
    const commands = this.commands.slice(this.#answered);
    this.#answered += commands.length;
    this.frame(
      ...commands.flatMap(({ id, connect, subscribe, unsubscribe, refresh }): unknown[] => {
        if (!id) return [];
        if (connect) return [{ id, connect: { client: "c", ping: 25, pong: true, ...greeting } }];
        if (refresh) return [{ id, refresh: { client: "c", expires: true, ...greeting } }];
        if (unsubscribe) return [{ id, unsubscribe: {} }];
        const of = told[subscribe?.channel ?? ""];
        return [of && !Array.isArray(of) ? { id, error: of } : { id, subscribe: of ? { publications: of, recovered: true } : {} }];
      }),
    );
  }
  /** Opens and answers: everything granted, and of the public views those told. */
  greet(publications: unknown[] = [], greeting: Record<string, unknown> = {}): void {
    this.open();
    this.answer(publications.length ? { "presence:site:main": publications } : {}, greeting);
  }
}

interface Command {
  readonly id?: number;
  readonly connect?: { readonly token?: string };
  readonly subscribe?: { readonly channel: string };
  readonly unsubscribe?: { readonly channel: string };
  readonly refresh?: { readonly token: string };
}

type Reply = { status?: number; body?: unknown; headers?: Record<string, string> };

export class FakeBrowser {
  readonly requests: string[] = [];
  /** Answers of the page's own server for a token, in order; the last one again and again. */
  tokens: Reply[] = [];
  readonly tokenRequests: string[] = [];
  readonly warnings = mock.method(console, "warn", () => {});
  /** Answers of the HTTP API, in order; the last one again and again. Without any, the network is away. */
  replies: Reply[] = [];
  /** Views by channel, instead of `replies`: an unknown one is not watched, and of `null` nothing is kept. */
  channels: Record<string, object | null> | undefined;
  /** Requests that were given up. */
  aborts = 0;
  /** Whether an answer ever comes. */
  hangs = false;
  readonly document = { hidden: false };
  readonly #window = new EventTarget();

  constructor() {
    FakeSocket.all = [];
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: T0 });
    // The mock takes no delay for none that ever ends.
    const { setTimeout } = globalThis;
    globalThis.setTimeout = ((run: () => void, delay = 0) => setTimeout(run, delay)) as typeof setTimeout;
    mock.method(Math, "random", () => 0.5);
    mock.method(AbortSignal, "timeout", (delay: number) => {
      const controller = new AbortController();
      globalThis.setTimeout(() => controller.abort(), delay);
      return controller.signal;
    });
    const fetch = (url: string, { signal }: { signal: AbortSignal }): Promise<Response> => this.#answer(url, signal);
    const addEventListener = this.#window.addEventListener.bind(this.#window);
    Object.assign(globalThis, { fetch, WebSocket: FakeSocket, document: this.document, addEventListener });
  }

  restore(): void {
    mock.timers.reset();
    mock.restoreAll();
  }

  /** Time passes, and what was promised meanwhile is kept. */
  async pass(milliseconds: number): Promise<void> {
    mock.timers.tick(milliseconds);
    await settled();
  }

  show(visible: boolean): void {
    this.document.hidden = !visible;
    this.happens("visibilitychange");
  }

  /** An event of the window. */
  happens(type: string, over: object = {}): void {
    this.#window.dispatchEvent(Object.assign(new Event(type), over));
  }

  #kept(url: string): Reply {
    const { pathname, searchParams } = new URL(url);
    const names = searchParams.get("channels")?.split(",");
    if (names) {
      return { body: { v: 1, channels: Object.fromEntries(names.map((name) => [name, this.channels?.[name] ?? null])) } };
    }
    const name = decodeURIComponent(pathname.split("/").at(-1) ?? "");
    const view = this.channels?.[name];
    if (view === undefined) return { status: 404, body: { code: "unknown_channel" } };
    return view ? { body: view } : { status: 404, body: { code: "no_snapshot", live: liveOf(name) } };
  }

  #answer(url: string, signal: AbortSignal): Promise<Response> {
    const forToken = url.includes("/token");
    (forToken ? this.tokenRequests : this.requests).push(url);
    const replies = forToken ? this.tokens : this.replies;
    const reply = forToken || !this.channels ? (replies.length > 1 ? replies.shift() : replies[0]) : this.#kept(url);
    if (this.hangs) {
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          this.aborts++;
          reject(signal.reason);
        });
      });
    }
    if (!reply) return Promise.reject(new TypeError("network is away"));
    const { status = 200, body = rawView(), headers = {} } = reply;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return Promise.resolve(new Response(text, { status, headers }));
  }
}

/** Lets all pending promises run; bodies of answers take several turns. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
