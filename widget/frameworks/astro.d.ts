import type { RollCallAttributes, WithoutFalse } from "./attributes.js";

declare global {
  namespace astroHTML.JSX {
    interface IntrinsicElements {
      "roll-call": HTMLAttributes & WithoutFalse<RollCallAttributes>;
    }
  }
}

export * from "../roll-call-element-define.js";
