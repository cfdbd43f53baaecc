import type { MemberRow } from "./member-row.ts";
/**
 * The row stays in the list, for those who hear it; what fills it stands in the page, for the page's styles. In the
 * template `data-field="name"` takes the name, `meta` tabs or the age, and any other the field of that name; a picture
 * takes it as its address, a link as its target, and what stays empty is hidden.
 */
export declare function templateRow(id: string, _: boolean, template: HTMLTemplateElement): MemberRow;
