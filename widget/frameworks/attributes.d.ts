import type { RollCallElementProps } from "./props.js";

/** As a page writes it: a number also in quotes, and nothing at all takes it away. */
export type Written<Value> = Value | (Value extends number ? `${Value}` : never) | null;

/**
 * What a tag may say: attributes, what is a property alone, and events as `on…`. Where both have a name it is the
 * attribute's, which is right also on a server: `hideBelow` would be lost there.
 */
export type RollCallAttributes = {
  [Name in keyof RollCallElementProps as Exclude<Name, "hideBelow" | "tokenUrl">]: Written<RollCallElementProps[Name]>;
};

/** Where a server writes `false` as a word, and so turns on what it means to leave off: nothing has to be `undefined`. */
export type WithoutFalse<Attributes> = { [Name in keyof Attributes]: Exclude<Attributes[Name], false> };
