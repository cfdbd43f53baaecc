import type { HTMLAttributes } from "svelte/elements";
import type { RollCallElement } from "../roll-call-element-define.js";
import type { RollCallAttributes } from "./attributes.js";

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "roll-call": HTMLAttributes<RollCallElement> & RollCallAttributes;
  }
}

export * from "../roll-call-element-define.js";
