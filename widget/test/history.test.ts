import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTES, parseHistory, peak, thinned, withView, type History } from "../src/history.ts";
import { parseView, type View } from "../src/view.ts";
import { rawView, T0 } from "./fake.ts";

const MINUTE = 60_000;
const from = Math.floor(T0 / MINUTE) * MINUTE - (MINUTES - 1) * MINUTE;
const told = (over: Record<string, unknown> = {}): unknown => ({
  v: 1, channel: "site:main", step: 60, from, present: [...Array<null>(MINUTES - 2).fill(null), 5, 4],
  peak: { today: { present: 5, at: T0 }, ever: { present: 9, at: 1 } }, ...over,
});
const read = (over?: Record<string, unknown>): History => {
  const history = parseHistory(told(over), "site:main");
  assert.ok(history);
  return history;
};
const view = (taken_at: number, present: number): View => parseView(rawView({ taken_at, present }))!;

test("the last number is that of the last roll call", () => {
  const history = read();
  assert.equal(history.last, Math.floor(T0 / MINUTE));
  assert.deepEqual(history.present.slice(-3), [null, 5, 4]);
});

test("what is no history gives none, and a bad number is a missing one", () => {
  for (const wrong of [null, [], {}, { v: 2 }, told({ v: 2 }), told({ channel: "other" }), told({ step: 300 }), told({ from: "now" }), told({ present: [] }), told({ present: 7 })]) {
    assert.equal(parseHistory(wrong, "site:main"), undefined);
  }
  assert.deepEqual(read({ present: [1, -2, "3", null, Infinity, 6] }).present.slice(-6), [1, null, null, null, null, 6]);
});

test("a short history is filled up, a long one cut, at the old end", () => {
  const short = read({ from: from + (MINUTES - 2) * MINUTE, present: [5, 4] });
  assert.equal(short.present.length, MINUTES);
  assert.equal(short.last, Math.floor(T0 / MINUTE));
  const long = read({ from: from - MINUTE, present: Array<number>(MINUTES + 1).fill(1) });
  assert.equal(long.present.length, MINUTES);
  assert.equal(long.last, Math.floor(T0 / MINUTE));
});

test("a view adds its minute; in one minute the highest counts", () => {
  assert.deepEqual(withView(read(), view(T0 + MINUTE, 7)).present.slice(-3), [5, 4, 7]);
  assert.deepEqual(withView(read(), view(T0, 7)).present.slice(-2), [5, 7]);
  assert.deepEqual(withView(read(), view(T0, 1)).present.slice(-2), [5, 4]);
  assert.deepEqual(withView(read(), view(T0 + 3 * MINUTE, 7)).present.slice(-4), [4, null, null, 7]);
  // An old one, or one from a far future, harms nothing.
  assert.deepEqual(withView(read(), view(T0 - 90 * 86_400_000, 70)).present, read().present);
  assert.deepEqual(withView(read(), view(T0 + 90 * 86_400_000, 7)).present.slice(-2), [null, 7]);
  assert.deepEqual(withView(undefined, view(T0, 7)).present.slice(-2), [null, 7]);
});

test("points are the highest of their minutes, and a gap stays one", () => {
  const points = thinned(read({ present: [...Array<null>(MINUTES - 7).fill(null), 9, 1, 5, 3, 2, 4, 4] }), 5);
  assert.equal(points.length, 288);
  assert.deepEqual(points.slice(-3), [null, 9, 5]);
});

test("the peak is the latest of the highest, and none where nobody was", () => {
  assert.deepEqual(peak(read({ present: [...Array<null>(MINUTES - 4).fill(null), 9, 1, 9, 3] })), {
    present: 9,
    at: Math.floor(T0 / MINUTE) * MINUTE - MINUTE,
    index: MINUTES - 2,
  });
  assert.equal(peak(read({ present: [0, 0] })), undefined);
  assert.equal(peak(read({ present: [null] })), undefined);
});
