import { backoff } from "./backoff.ts";
import { guarded } from "./guard.ts";
import { fields, list } from "./json.ts";
import { renew, type Wallet } from "./token.ts";
import type { Live } from "./view.ts";

/**
 * - `connecting`: no socket at the moment, but one is being tried
 * - `open`: views will come
 * - `none`: no views will come: there is no address, the server refused for good, or it granted only the counting
 */
export type Link = "connecting" | "open" | "none";

/**
 * One way to be served: counts the visitor in (if there is a channel to be counted in: `watched`) and brings the views.
 * `reason` is why it was given up. `fresh` is false for a view that the server had kept and sends at once.
 * The answer closes it.
 */
export type OpenLive = (
  live: Live,
  wallet: Wallet,
  watched: string,
  onLink: (link: Link, reason?: string) => void,
  onData: (data: unknown, fresh: boolean) => void,
) => () => void;

/** Longer than any healthy handshake, and how late a ping may be, as the server itself waits. */
const PATIENCE_MS = 10_000;
const BACKOFF_CAP_MS = 20_000;
/** Seconds, longer than a visit: without pings, silence proves nothing. */
const NO_PING = 1e6;

/**
 * What a close code means. Centrifugo's permanent codes say that a setting or the token is wrong, so the next try
 * would fail alike; an expired token (3005) is as good as refused as long as the same one would be sent again.
 */
export function isPermanent(code: number): boolean {
  return /^(3005|[34][5-9]..)$/.test(`${code}`);
}

/** Centrifugo's unidirectional WebSocket: one message when it opens, then only frames from the server. */
export const openLive: OpenLive = ({ url, channel, members_channel }, wallet, watched, onLink, onData) => {
  // The list that not everybody may have brings all that the public view has.
  const members = (wallet.token || wallet.tokenUrl) && members_channel;
  const subs = Object.fromEntries([watched, channel, members].filter(Boolean).map((name) => [name, {}]));
  let views = channel;
  let socket: WebSocket | undefined;
  let attempt = 0;
  let silence: number;
  /** One wait at a time: for the token, for the handshake, for the next frame, or for the next try. */
  let timer: ReturnType<typeof setTimeout> | undefined;

  const wait = (delay: number, run: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(run, delay);
  };

  const close = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const closing = socket;
    socket = undefined;
    closing?.close();
  };

  const lost = (code: number, reason?: string): void => {
    close();
    if (code === 3005 && wallet.tokenUrl) wallet.token = "";
    else if (isPermanent(code)) {
      onLink("none", `${code} ${reason}`);
      return;
    }
    onLink("connecting");
    wait(backoff(attempt++, BACKOFF_CAP_MS), connect);
  };

  /** A dead peer says nothing, not even goodbye: silence is the only sign of it. */
  const watch = (): void => wait(silence, () => lost(0));

  const onFrame = (text: string): void => {
    watch();
    const frame = fields(JSON.parse(text));
    if (frame["connect"]) {
      const { subs, ping } = fields(frame["connect"]);
      silence = (Number(ping) || NO_PING) * 1000 + PATIENCE_MS;
      watch();
      // What the visitor may not have is left out without a word.
      const granted = fields(subs);
      views = members && granted[members] ? members : channel;
      const brings = granted[views];
      onLink(brings ? "open" : "none");
      for (const kept of list(fields(brings)["publications"])) onData(fields(kept)["data"], false);
      // Neither views nor counting: then there is no use in the socket.
      if (!brings && !granted[watched]) close();
    } else {
      // More than a greeting: the connection is a good one, and the next failure begins a new row of tries.
      attempt = 0;
      if (frame["channel"] === views) onData(fields(frame["pub"])["data"], true);
    }
  };

  const dial = guarded(() => {
    // Throws for an address that can never be opened from here, such as ws: out of an https: page.
    const opened = (socket = new WebSocket(url));
    const own = <E>(run: (event: E) => void) => guarded((event: E) => opened === socket && run(event));
    opened.onopen = own(() => opened.send(JSON.stringify({ token: wallet.token || undefined, subs })));
    opened.onmessage = own(({ data }: MessageEvent) => onFrame(data));
    opened.onclose = own(({ code, reason }: CloseEvent) => lost(code, reason));
    onLink("connecting");
  });

  const connect = (): void => {
    silence = PATIENCE_MS;
    watch();
    if (wallet.token || !wallet.tokenUrl) return dial();
    const mine = timer;
    renew(wallet, PATIENCE_MS).then(
      (refused) => {
        if (timer !== mine) return;
        if (!refused) return dial();
        close();
        onLink("none", `token-url ${refused}`);
      },
      () => timer === mine && lost(0),
    );
  };

  connect();
  return close;
};
