import{addWords as o,RollCallElement as e}from"./roll-call-element.js";var l=globalThis.customElements;l?.get("roll-call")||l?.define("roll-call",e);export{e as RollCallElement,o as addWords};
