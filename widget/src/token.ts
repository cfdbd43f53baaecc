/** Where a visitor's token comes from, if not from the page itself. Loaded only where it has to be got. */
import { fields, isText } from "./json.ts";
import type { Visitor } from "./visitor.ts";

/**
 * Gets a token; an empty one is a guest's. The visitor may have none where the page's server says so (401, 403), or its
 * function gives no text: then there is a refusal. Rejects where another try may help, after `patience` milliseconds at
 * the latest if the page's server is asked.
 */
export async function renew({ tokenUrl, getToken }: Visitor, patience: number): Promise<[token: string, refusal: string]> {
  if (getToken) {
    const token: unknown = await getToken();
    return isText(token) ? [token, ""] : ["", "getToken gave no token"];
  }
  const response = await fetch(tokenUrl, { signal: AbortSignal.timeout(patience) });
  const { status } = response;
  if (status === 401 || status === 403) return ["", `token-url ${status}`];
  const { token } = fields(await response.json());
  if (!isText(token)) throw token;
  return [token, ""];
}
