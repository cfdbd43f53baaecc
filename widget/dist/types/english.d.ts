import type { Phrases, Words } from "./words.ts";
/** What only some views say: they bring it with them, in English. */
export declare const english: Omit<Required<Phrases>, "label" | "here" | "online">;
/** Every phrase, in English where the language has none. */
export declare const phrasesOf: ({ phrases }: Words) => Required<Phrases>;
