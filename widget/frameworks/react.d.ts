import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { RollCallElement } from "../roll-call-element-define.js";
import type { RollCallAttributes } from "./attributes.js";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "roll-call": DetailedHTMLProps<HTMLAttributes<RollCallElement>, RollCallElement> & RollCallAttributes;
    }
  }
}

export * from "../roll-call-element-define.js";
