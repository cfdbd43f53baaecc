import type { EmitFn, HTMLAttributes, PublicProps } from "vue";
import type { RollCallElement } from "../roll-call-element-define.js";
import type { WithoutFalse, Written } from "./attributes.js";
import type { RollCallElementProps } from "./props.js";

/** `onroll-call-update` is `@roll-call-update` in a template. */
type Events = {
  [Name in keyof RollCallElementProps as Name extends `onroll-${infer Event}` ? `roll-${Event}` : never]-?: NonNullable<RollCallElementProps[Name]>;
};

/** In a template `hide-below` is `hideBelow`, as all of a component's are. */
type Attributes = { [Name in Exclude<keyof RollCallElementProps, `${string}-${string}`>]?: Written<RollCallElementProps[Name]> };

type RollCallTag = new () => RollCallElement & {
  /** Not for use: what a template may say. */
  $props: PublicProps & HTMLAttributes & WithoutFalse<Attributes>;
  /** Not for use: what a template may listen to. */
  $emit: EmitFn<Events>;
};

declare module "vue" {
  interface GlobalComponents {
    "roll-call": RollCallTag;
  }
}

export * from "../roll-call-element-define.js";
