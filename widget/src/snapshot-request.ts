import { parseLive, parseView, type Live, type View } from "./view.ts";

/**
 * Asks once for the kept view; throws when there is no answer. Where nothing is kept yet, the answer can at least name
 * the socket: a channel that is watched by a pattern exists only once somebody is in it.
 *
 * With them comes the moment on the server's clock (`NaN` if the answer does not say), and whether that is now
 * (`exact`) or only the making of an answer that may have lain in a cache since.
 */
export async function requestSnapshot(
  endpoint: string,
  channel: string,
  signal: AbortSignal,
): Promise<[view: View | undefined, live: Live | undefined, date: number, exact: boolean]> {
  const response = await fetch(`${endpoint}/v1/presence/${encodeURIComponent(channel)}`, { signal });
  const answer: unknown = await response.json();
  const age = response.headers.get("age");
  // Half a second more: `Date` has whole seconds, cut off.
  const date = Date.parse(response.headers.get("date") ?? "") + 500 + Number(age) * 1000;
  return [parseView(answer), parseLive(answer), date, !!age];
}
