import type { HTMLAttributes } from "svelte/elements";
import type { RollCallElement } from "../roll-call-element-define.js";
import type { RollCallAttributes, WithoutFalse } from "./attributes.js";

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "roll-call": HTMLAttributes<RollCallElement> & WithoutFalse<RollCallAttributes>;
  }
}

export * from "../roll-call-element-define.js";
