import { fields, isText } from "./json.ts";

/** The visitor's token, as it is at the moment, and where to get the next one (empty: nowhere). */
export interface Wallet {
  token: string;
  readonly tokenUrl: string;
}

/**
 * Gets a token from the page's own server, which answers `{"token":"…"}`; an empty one is a guest's.
 * Resolves with the status when the visitor may have none (401, 403), else with nothing. Rejects where another try may
 * help, after `patience` milliseconds at the latest.
 */
export async function renew(wallet: Wallet, patience: number): Promise<number | undefined> {
  const response = await fetch(wallet.tokenUrl, { signal: AbortSignal.timeout(patience) });
  const { status } = response;
  if (status === 401 || status === 403) return status;
  const { token } = fields(await response.json());
  if (!isText(token)) throw token;
  wallet.token = token;
  return;
}
