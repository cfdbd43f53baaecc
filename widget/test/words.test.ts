import assert from "node:assert/strict";
import { test } from "node:test";
import { hue, initials } from "../src/avatar-text.ts";
import { english as views } from "../src/english.ts";
import languages from "../src/languages.ts";
import { addWords, isAtHand, wordsFor, type Plural } from "../src/words.ts";

const MINUTE = 60_000;

test("numbers have their plural", () => {
  const { count, phrases } = wordsFor("en");
  assert.equal(count(views.guests, 1), "1 guest");
  assert.equal(count(views.guests, 12), "12 guests");
  assert.equal(count(phrases.online, 1234), "1,234 online");
  assert.equal(count(phrases.here, 0), "0 here now");
});

test("ages are in minutes, then in hours, then in days, and never none", () => {
  const { ago } = wordsFor("en-GB");
  assert.match(ago(0), /^1 min/);
  assert.match(ago(3 * MINUTE), /^3 min/);
  assert.match(ago(99 * MINUTE), /^99 min/);
  assert.match(ago(100 * MINUTE), /^2 hr/);
  assert.match(ago(47 * 60 * MINUTE), /^47 hr/);
  // A laptop that slept for the weekend.
  assert.match(ago(72 * 60 * MINUTE), /^3 days/);
});

test("any language tag gives words", () => {
  for (const tag of ["", "x", "he", "en_US", "--", "constructor", "__proto__", "en-", "\u0000", "zh-Hant-TW"]) {
    assert.equal(wordsFor(tag).phrases.label, "Who is here", tag);
  }
});

test("every language that is shipped has every word, with a text for each of its plurals", () => {
  const english = wordsFor("en").phrases;
  for (const [name, phrases] of languages) {
    assert.equal(isAtHand(`${name}-XX`), false, name);
    assert.deepEqual(Object.keys(phrases).sort(), Object.keys({ ...english, ...views }).sort(), name);
    const { pluralCategories } = new Intl.PluralRules(name).resolvedOptions();
    for (const [phrase, text] of Object.entries(phrases) as [string, string | Plural][]) {
      if (typeof text === "string") continue;
      // One text for all, or one for each.
      if (Object.keys(text).length > 1) {
        // In Spanish and French `many` is for millions.
        const needed = pluralCategories.filter((category) => category !== "zero" && (category !== "many" || /ar|ru/.test(name)));
        for (const category of needed) {
          assert.ok(text[category] ?? (text.other && category === "other"), `${name} ${phrase} ${category}`);
        }
      }
    }
    const { count, ago, language, phrases: own } = wordsFor(`${name}-XX`, languages);
    assert.equal(language, name);
    for (const n of [0, 1, 2, 3, 5, 11, 21, 100, 1_000_000]) assert.doesNotMatch(count(own.guests!, n), /#/);
    assert.doesNotMatch(ago(180_000), /ago/);
  }
});

test("what is waited for is what is shipped", () => {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  const pairs = letters.flatMap((first) => letters.map((second) => first + second));
  const tags = [...pairs, ...pairs.flatMap((pair) => letters.map((third) => pair + third))];
  assert.deepEqual(tags.filter((tag) => !isAtHand(tag)), [...languages.keys()].sort());
});

test("what a page has set goes before what is shipped", () => {
  assert.equal(isAtHand("nl"), true);
  assert.equal(wordsFor("nl-BE").language, "en");
  addWords("nl", { ...wordsFor("en").phrases, here: { other: "nu # hier" } });
  assert.equal(wordsFor("nl-BE").count(wordsFor("nl-BE").phrases.here, 3), "nu 3 hier");
});

test("plurals are those of the language", () => {
  const ru = wordsFor("ru", languages);
  assert.deepEqual([1, 3, 7, 21].map((n) => ru.count(ru.phrases.guests!, n)), ["1 гость", "3 гостя", "7 гостей", "21 гость"]);
  const ar = wordsFor("ar", languages);
  assert.deepEqual([1, 2].map((n) => ar.count(ar.phrases.guests!, n)), ["ضيف واحد", "ضيفان"]);
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
