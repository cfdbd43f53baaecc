/** What a page's author gets from the types; compiled, and run only as far as there is no DOM. */
import assert from "node:assert/strict";
import { test } from "node:test";
import "../src/roll-call-element-define.ts";
import type { State } from "../src/index.ts";

/** A page's own code: it compiles, or the types are wrong. */
function page(): void {
  const element = document.createElement("roll-call");
  element.channel = "site:main";
  element.view = "avatars";
  element.hideBelow = 3;
  element.client = {};
  // @ts-expect-error There is no such view.
  element.view = "table";
  // @ts-expect-error It is for reading.
  element.state = "current";
  document.addEventListener("roll-call-join", ({ members }) => members.map(({ id, info }): [string, unknown] => [id, info["name"]]));
  document.addEventListener("roll-call-update", ({ snapshot, previous }) => snapshot.present - (previous?.present ?? 0));
  element.addEventListener("roll-call-state", ({ state, reason }): [State, string] => [state, reason]);
  const done: Promise<void> | undefined = document.querySelector("roll-call")?.refresh();
  void done;
}

test("the tag, its properties and its events have types", () => {
  assert.throws(page, /document is not defined/);
});
