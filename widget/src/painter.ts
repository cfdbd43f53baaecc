import type { Feed, News } from "./feed.ts";
import type { Words } from "./words.ts";

/** All that a picture of the moment is made of. */
export interface Scene extends News {
  readonly feed: Feed | undefined;
  /** Members shown. */
  readonly max: number;
  readonly words: Words;
}

/** Brings a subtree up to date, as often as wished. */
export type Paint = (scene: Scene) => void;

export type Painter = [root: HTMLElement, paint: Paint];
