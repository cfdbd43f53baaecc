import assert from "node:assert/strict";
import { test } from "node:test";
import { joined, left } from "../src/changes.ts";
import { parseView, type View } from "../src/view.ts";
import { rawView, T0 } from "./fake.ts";

function view(ids: string[], over: Record<string, unknown> = {}): View {
  const members = ids.map((id) => ({ id, info: {}, clients: 1, since: Number(id) >= 5 ? T0 + 60_000 : T0 - 60_000 }));
  return parseView(rawView({ members, ...over }))!;
}
const ids = (people: readonly { id: string }[]): string[] => people.map(({ id }) => id);

test("joins and leaves are what differs, by id", () => {
  assert.deepEqual(ids(joined(view(["1", "2"]), view(["2", "5"]))), ["5"]);
  assert.deepEqual(ids(left(view(["1", "2"]), view(["2", "5"]))), ["1"]);
  assert.deepEqual(joined(view(["1"]), view(["1"])), []);
});

test("the first view and a counts view are no news", () => {
  assert.deepEqual(joined(undefined, view(["1"])), []);
  assert.deepEqual(left(undefined, view(["1"])), []);
  const counts = view([], { members: undefined });
  assert.deepEqual(joined(counts, view(["1"])), []);
  assert.deepEqual(left(view(["1"]), counts), []);
});

test("who moves up in a list that was cut has not joined", () => {
  const cut = view(["1", "2"], { truncated: true });
  assert.deepEqual(ids(joined(cut, view(["2", "3", "6"]))), ["6"]);
});

test("who drops out of a list that is cut has left only if that is known", () => {
  const recent = [{ id: "1", info: {}, last_seen: T0 }];
  assert.deepEqual(ids(left(view(["1", "2", "3"]), view(["3"], { truncated: true, recent }))), ["1"]);
});

test("lists of any length are compared in one pass", () => {
  const COUNT = 100_000;
  const many = (first: number): string[] => Array.from({ length: COUNT }, (_, n) => String(first + n));
  const before = view(many(5));
  const recent = many(5).map((id) => ({ id, info: {}, last_seen: T0 }));
  const after = view(many(5 + COUNT), { truncated: true, recent });
  // Each pair looked at, it takes minutes; each person, some hundredths of a second.
  const start = performance.now();
  assert.equal(joined(before, after).length, COUNT);
  assert.equal(left(before, after).length, COUNT);
  const took = performance.now() - start;
  assert.ok(took < 1000, `${Math.round(took)} ms`);
});
