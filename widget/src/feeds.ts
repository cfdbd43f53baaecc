/** The feeds of a page: one for all elements that show the same. */
import { startFeed, type Feed, type RunningFeed } from "./feed.ts";
import { guarded } from "./guard.ts";
import type { Source } from "./live.ts";
import { sharedOf } from "./shared.ts";
import type { View } from "./view.ts";

const feeds = new Set<RunningFeed>();

/** What happens to the page happens to all of them; for as long as there is one. */
let life: AbortController | undefined;

/** The first bubbles up to the window. */
const PAGE_EVENTS = ["visibilitychange", "online", "pagehide", "pageshow"];

const onPage = ({ type, persisted }: Event & { persisted?: boolean }): void => {
  // Out of the back/forward cache, or into another network, where an open socket may be a dead one: all let go of it
  // before the first asks for another.
  const returns = type === "online" || persisted;
  if (type === "pagehide" || returns) for (const feed of feeds) feed.pause();
  for (const feed of feeds) {
    if (type === "pagehide") continue;
    if (returns) feed.resume();
    else if (!document.hidden) feed.look();
  }
};

/**
 * The page's one feed of `source`: however many elements show it, the visitor asks once, and is counted once if one of
 * them says so. `listener` runs after each change until `stop` is called; with its last listener a feed ends.
 * With a `seed`, a view of this channel that names a socket, nothing needs to be asked at all.
 */
export function follow(source: Source, counted: boolean, listener: () => void, seed?: View): [feed: Feed, stop: () => void] {
  const feed = sharedOf(feeds, source) ?? startFeed(source, seed);
  if (!life) {
    life = new AbortController();
    for (const type of PAGE_EVENTS) addEventListener(type, onPage, life);
  }
  feeds.add(feed);
  // An entry of its own for each call: one listener may hold a feed twice while it changes over.
  const entry = guarded(listener);
  feed.listeners.set(entry, counted);
  feed.count();
  return [
    feed,
    () => {
      feed.listeners.delete(entry);
      feed.count();
      if (feed.listeners.size) return;
      feeds.delete(feed);
      feed.pause();
      if (feeds.size) return;
      life?.abort();
      life = undefined;
    },
  ];
}
