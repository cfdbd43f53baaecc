import{addWords as t,RollCallElement as o,RollCallEvent as a}from"./roll-call-element.js";export{o as RollCallElement,a as RollCallEvent,t as addWords};
