import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { backoff } from "../src/backoff.ts";

test("a wait is anything between nothing and the doubled wait, never above the cap", () => {
  const random = mock.method(Math, "random", () => 0);
  assert.equal(backoff(0, 20_000), 0);
  random.mock.mockImplementation(() => 1);
  assert.deepEqual([0, 1, 2, 5, 6, 60, 2000].map((attempt) => backoff(attempt, 20_000)), [
    500, 1000, 2000, 16_000, 20_000, 20_000, 20_000,
  ]);
  mock.restoreAll();
  for (let n = 0; n < 200; n++) {
    const wait = backoff(3, 20_000);
    assert.ok(wait >= 0 && wait < 4000);
  }
});
