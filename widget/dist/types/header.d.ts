import type { MakeHeader } from "./painter.ts";
/**
 * The one line that every view begins with: the dot, the number (or, while there is none, the text of the page), and
 * the age when it matters. The dot's shape and the age say in form and words what the colour says.
 */
export declare const header: MakeHeader;
