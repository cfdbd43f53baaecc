import type { OpenLive } from "./live.ts";
import { onNeed } from "./on-need.ts";
import { openSocket } from "./socket.ts";

/**
 * How the views are brought: by a socket of ours, or by the page's own client. Nothing while the adapter for that is on
 * its way; then `again` runs when it is here.
 */
export function wayBy(client: object | undefined, again: () => void): OpenLive | undefined {
  const adapter = client ? onNeed.client(again) : {};
  return adapter && (adapter.openBy?.(client!) ?? openSocket);
}
