import assert from "node:assert/strict";
import { test } from "node:test";
import { hue, initials } from "../src/avatar-text.ts";
import { wordsFor } from "../src/words.ts";

const MINUTE = 60_000;

test("numbers have their plural", () => {
  const { phrases, count } = wordsFor("en");
  assert.equal(count(phrases.guests, 1), "1 guest");
  assert.equal(count(phrases.guests, 12), "12 guests");
  assert.equal(count(phrases.online, 1234), "1,234 online");
  assert.equal(count(phrases.here, 0), "0 here now");
});

test("ages are in minutes, then in hours, and never none", () => {
  const { ago } = wordsFor("en-GB");
  assert.match(ago(0), /^1 min/);
  assert.match(ago(3 * MINUTE), /^3 min/);
  assert.match(ago(99 * MINUTE), /^99 min/);
  assert.match(ago(100 * MINUTE), /^2 hr/);
});

test("any language tag gives words", () => {
  for (const tag of ["", "x", "de", "en_US", "--", "constructor", "__proto__", "en-", "\u0000", "zh-Hant-TW"]) {
    assert.equal(wordsFor(tag).phrases.label, "Who is here", tag);
  }
});

test("initials are letters of the name, in any script", () => {
  assert.equal(initials("Ada Lovelace"), "AL");
  assert.equal(initials("Émile du Roux"), "ÉD");
  assert.equal(initials("ada"), "A");
  assert.equal(initials("山田 太郎"), "山太");
  assert.equal(initials("משה כהן"), "מכ");
  assert.equal(initials("𝒜 (x) great"), "𝒜G");
  assert.equal(initials("<img src=x>"), "S");
  for (const none of ["", "   ", "?!", "🙂"]) assert.equal(initials(none), "");
});

test("a hue is stable, and ids in a row do not look alike", () => {
  assert.equal(hue("42"), hue("42"));
  for (const [a, b] of [["1", "2"], ["41", "42"], ["user-7", "user-8"]] as const) {
    const apart = Math.abs(hue(a) - hue(b));
    assert.ok(Math.min(apart, 360 - apart) > 30, `${a} ${b}`);
  }
  for (const id of ["", "42", "x".repeat(10_000), "🙂"]) assert.ok(hue(id) >= 0 && hue(id) < 360);
});
