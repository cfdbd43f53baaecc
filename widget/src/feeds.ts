/** The feeds of a page: one for all elements that show the same. */
import { startFeed, type Feed, type RunningFeed, type Source } from "./feed.ts";
import { guarded } from "./guard.ts";
import type { View } from "./view.ts";

const feeds = new Set<RunningFeed>();

/**
 * The page's one feed of `source`: however many elements show it, the visitor asks once and is counted once.
 * `listener` runs after each change until `stop` is called; with its last listener a feed ends.
 * With a `seed`, a view of this channel that names a socket, nothing needs to be asked at all.
 */
export function follow(source: Source, listener: () => void, seed?: View): [feed: Feed, stop: () => void] {
  const names = Object.keys(source) as (keyof Source)[];
  const feed =
    [...feeds].find((running) => names.every((name) => running.source[name] === source[name])) ?? startFeed(source, seed);
  feeds.add(feed);
  // An entry of its own for each call: one listener may hold a feed twice while it changes over.
  const entry = guarded(listener);
  feed.listeners.add(entry);
  return [
    feed,
    () => {
      feed.listeners.delete(entry);
      if (feed.listeners.size) return;
      feeds.delete(feed);
      feed.close();
    },
  ];
}
