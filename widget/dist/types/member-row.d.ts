import { type Info } from "./view.ts";
/** One person: picture or initials, name, and what there is to say in a word. */
export type MemberRow = [root: HTMLElement, paint: (info: Info, nameless: string, meta: string, gone: boolean) => void];
export declare function memberRow(id: string): MemberRow;
