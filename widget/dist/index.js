import{addWords as t,follow as o,RollCallElement as a,RollCallEvent as p}from"./roll-call-element.js";export{a as RollCallElement,p as RollCallEvent,t as addWords,o as follow};
