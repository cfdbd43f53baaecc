import type { Info } from "./view.ts";
/** One person. `mark` is `gone` or `you`, where that is so. */
export interface MemberRow {
    readonly root: HTMLElement;
    paint(info: Info, name: string, meta: string, mark: string): void;
    remove(): void;
}
/** Picture or initials, name, and what there is to say in a word. In a row of faces the name comes to who looks for it. */
export declare function memberRow(id: string, inFull: boolean): MemberRow;
