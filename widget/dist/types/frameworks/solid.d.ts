import type { RollCallElement } from "../roll-call-element-define.js";
import type { RollCallAttributes } from "./attributes.js";
import type { RollCallElementSolidJsProps } from "./props.js";

declare module "solid-js/jsx-runtime" {
  namespace JSX {
    interface IntrinsicElements {
      "roll-call": HTMLAttributes<RollCallElement> & RollCallAttributes & RollCallElementSolidJsProps;
    }
  }
}

export * from "../roll-call-element-define.js";
