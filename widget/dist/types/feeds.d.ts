/** The feeds of a page: one for all elements that show the same. */
import { type Feed } from "./feed.ts";
import type { Source } from "./live.ts";
import type { View } from "./view.ts";
/**
 * The page's one feed of `source`: however many elements show it, the visitor asks once, and is counted once if one of
 * them says so. `listener` runs after each change until `stop` is called; with its last listener a feed ends.
 * With a `seed`, a view of this channel that names a socket, nothing needs to be asked at all.
 */
export declare function follow(source: Source, counted: boolean, listener: () => void, seed?: View): [feed: Feed, stop: () => void];
