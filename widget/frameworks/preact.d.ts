import type { HTMLAttributes } from "preact";
import type { RollCallElement } from "../roll-call-element-define.js";
import type { RollCallAttributes } from "./attributes.js";

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "roll-call": HTMLAttributes<RollCallElement> & RollCallAttributes;
    }
  }
}

export * from "../roll-call-element-define.js";
