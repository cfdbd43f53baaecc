import{RollCallElement as t,RollCallEvent as o}from"./roll-call-element.js";export{t as RollCallElement,o as RollCallEvent};
