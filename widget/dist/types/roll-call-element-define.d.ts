import { addWords, RollCallElement } from "./roll-call-element.ts";
declare global {
    interface HTMLElementTagNameMap {
        "roll-call": RollCallElement;
    }
}
export { addWords, RollCallElement };
