/** A browser's edges for the tests: a clock that stands still, sockets and answers that do what they are told. */
import { mock } from "node:test";

export const T0 = 1_790_000_000_000;

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
    live: { url: "wss://rt.example/uni", channel: "presence:site:main" },
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
  frame(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }
  end(code: number, reason = ""): void {
    this.onclose?.({ code, reason });
  }
  /** The first frame: both channels granted, and nothing kept unless told. */
  greet(publications: unknown[] = [], over: Record<string, unknown> = {}): void {
    this.open();
    const subs = { "site:main": {}, "presence:site:main": { publications } };
    this.frame({ connect: { client: "c", subs, ping: 25, ...over } });
  }
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
  /** Aborted requests. */
  aborts = 0;
  /** Whether an answer ever comes. */
  hangs = false;
  readonly document = { hidden: false };
  readonly #window = new EventTarget();

  constructor() {
    FakeSocket.all = [];
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: T0 });
    mock.method(Math, "random", () => 0.5);
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

  #answer(url: string, signal: AbortSignal): Promise<Response> {
    const forToken = url.includes("/token");
    (forToken ? this.tokenRequests : this.requests).push(url);
    const replies = forToken ? this.tokens : this.replies;
    const reply = replies.length > 1 ? replies.shift() : replies[0];
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
