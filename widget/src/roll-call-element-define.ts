import { RollCallElement } from "./roll-call-element.ts";

declare global {
  interface HTMLElementTagNameMap {
    "roll-call": RollCallElement;
  }
}

try {
  customElements.define("roll-call", RollCallElement);
} catch (error) {
  // Loaded twice, or on a server without a DOM: both are no reason to stop the page's script.
  const { name } = error as Error;
  if (name !== "NotSupportedError" && name !== "ReferenceError") throw error;
}

export { RollCallElement };
