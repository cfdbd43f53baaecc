import { addWords, RollCallElement } from "./roll-call-element.ts";

declare global {
  interface HTMLElementTagNameMap {
    "roll-call": RollCallElement;
  }
}

// Loaded twice, or on a server without a DOM: both are no reason to stop the page's script.
const registry = globalThis.customElements as CustomElementRegistry | undefined;
if (!registry?.get("roll-call")) registry?.define("roll-call", RollCallElement);

export { addWords, RollCallElement };
