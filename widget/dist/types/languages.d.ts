/** The words of the languages that are loaded on need. */
import type { Languages } from "./words.ts";
declare const languages: Languages;
export default languages;
