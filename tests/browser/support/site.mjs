/** The stack under test: where it is, its clock (a roll call is taken when a test says so), and its tokens. */
import { createHmac } from "node:crypto";

/**
 * @param {string} name
 * @returns {string}
 */
function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start these tests with \`cargo xtask test --only browser\``);
  return value;
}

export const site = required("ROLLCALL_SITE").replace(/\/$/, "");
export const channel = required("ROLLCALL_CHANNEL");
const collector = required("ROLLCALL_COLLECTOR");
const secret = required("ROLLCALL_TOKEN_SECRET");

/**
 * Takes one roll call.
 * @returns {Promise<void>}
 */
export async function rollCall() {
  const response = await fetch(collector, { method: "POST", body: "{}", signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  const call = response.ok ? JSON.parse(text).roll_calls?.[0] : undefined;
  if (!call || call.failed.length) throw new Error(`the roll call failed: ${response.status} ${text}`);
}

/**
 * What the HTTP function was asked so far, as `METHOD path`.
 * @returns {Promise<string[]>}
 */
export async function asked() {
  const response = await fetch(`${site}/_requests`, { signal: AbortSignal.timeout(10_000) });
  return response.json();
}

/**
 * A visitor's token, as a site would mint it for Centrifugo.
 * @param {string} user
 * @param {Record<string, unknown>} info
 * @param {number} [seconds] until it expires
 * @returns {string}
 */
export function token(user, info, seconds = 3600) {
  /** @param {unknown} part */
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ sub: user, exp, info })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
