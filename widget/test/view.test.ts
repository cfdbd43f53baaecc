import assert from "node:assert/strict";
import { test } from "node:test";
import { webAddress } from "../src/names.ts";
import { parseView } from "../src/view.ts";
import { rawView, T0 } from "./fake.ts";

test("a members view is read as it is", () => {
  const view = parseView(rawView());
  assert.equal(view?.present, 3);
  assert.deepEqual(view?.live, { url: "wss://rt.example/connection/websocket", channel: "presence:site:main", members_channel: "" });
  assert.deepEqual(view?.members?.map(({ id, clients }) => [id, clients]), [["1", 2], ["2", 1]]);
});

test("a counts view has no members, and unknown fields are ignored", () => {
  const { members: _, recent: __, truncated: ___, ...counts } = rawView({ weather: "fine" });
  const view = parseView(counts);
  assert.equal(view?.members, undefined);
  assert.deepEqual(view?.recent, []);
  assert.equal(view?.users, 2);
});

test("what is no view gives none", () => {
  const wrong: unknown[] = [undefined, null, "", "view", 7, true, [], {}, { v: 1 }, { code: "no_snapshot", status: 404 }];
  for (const name of ["taken_at", "period", "present", "users", "guests", "clients"]) {
    for (const value of [undefined, null, -1, 1.5, "3", NaN, Infinity, {}, []]) wrong.push(rawView({ [name]: value }));
  }
  wrong.push(rawView({ v: 2 }), rawView({ v: "1" }), rawView({ channel: 7 }), rawView({ channel: undefined }));
  // A timer of that length would fire at once, and again.
  wrong.push(rawView({ period: 0 }), rawView({ period: 3_000_000 }));
  for (const value of wrong) assert.equal(parseView(value), undefined, JSON.stringify(value));
});

test("one bad entry is left out and harms no other", () => {
  const good = { id: "9", info: { name: "Cy" }, clients: 1, since: T0 };
  const view = parseView(
    rawView({
      members: [null, "x", 7, [], {}, { ...good, id: 9 }, { ...good, since: "now" }, { ...good, info: null }, good],
      recent: [{ id: "7", last_seen: T0, info: [1, { a: 1 }] }, { id: "8" }, null],
    }),
  );
  assert.deepEqual(view?.members, [{ ...good, info: {} }, good]);
  assert.deepEqual(view?.recent, [{ id: "7", last_seen: T0, info: { 0: 1 } }]);
  assert.deepEqual(parseView(rawView({ members: { length: 3 }, recent: "abc" }))?.members, []);
});

test("members that are no list are an empty one, and only those that are not there are none", () => {
  for (const members of [0, "", false, true, 7, "abc", {}]) assert.deepEqual(parseView(rawView({ members }))?.members, [], JSON.stringify(members));
  for (const members of [undefined, null]) assert.equal(parseView(rawView({ members }))?.members, undefined);
});

test("info keeps plain values only, whatever they are called", () => {
  const members = JSON.parse(
    `[{"id":"1","clients":1,"since":1,"info":{"name":"Ann","age":7,"ok":true,"bad":{"toString":1},"worse":[1],"none":null,"__proto__":{"x":1}}}]`,
  ) as unknown;
  const info = parseView(rawView({ members }))?.members?.[0]?.info;
  assert.deepEqual(info, { name: "Ann", age: 7, ok: true });
});

test("a socket's address that is not whole is none", () => {
  for (const live of [null, "wss://x", {}, { channel: "c" }, { url: "wss://x", members_channel: 1 }, { url: 1, channel: "c" }, { url: "wss://x", channel: [] }]) {
    const view = parseView(rawView({ live }));
    assert.ok(view);
    assert.equal(view.live, undefined);
  }
});

test("only web addresses are loaded or linked", () => {
  assert.equal(webAddress("https://example.com/a.png"), "https://example.com/a.png");
  assert.equal(webAddress("HTTP://example.com"), "HTTP://example.com");
  for (const bad of ["javascript:alert(1)", "data:image/png;base64,x", " https://x", "//x", "/a.png", "", 7, null, {}, true]) {
    assert.equal(webAddress(bad), "", String(bad));
  }
});
