/** What there is to show of people. */
import { isText } from "./json.ts";
import type { Info, Member, View } from "./view.ts";

/** The address if a page may load or link it: http and https only. */
export const webAddress = (value: unknown): string => (isText(value) && /^https?:/i.test(value) ? value : "");

/** A link to what somebody says of themselves: no recommendation of the page's. */
export const lead = (node: HTMLElement, address: string): unknown => Object.assign(node, { href: address, rel: "nofollow ugc" });

export const nameOf = (info: Info): string => String(info["name"] ?? "").trim();

/**
 * The members whom one can show: of somebody without a name or a picture there is only that he is here. The visitor
 * comes first.
 */
export function named(view: View | undefined, you: string): readonly Member[] {
  const people = view?.members?.filter(({ info }) => nameOf(info) || webAddress(info["avatar"])) ?? [];
  const mine = ({ id }: Member): number => Number(!!you && id === you);
  return people.sort((one, other) => mine(other) - mine(one));
}
