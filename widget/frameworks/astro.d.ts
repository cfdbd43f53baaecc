import type { RollCallAttributes } from "./attributes.js";

declare global {
  namespace astroHTML.JSX {
    interface IntrinsicElements {
      "roll-call": HTMLAttributes & RollCallAttributes;
    }
  }
}

export * from "../roll-call-element-define.js";
