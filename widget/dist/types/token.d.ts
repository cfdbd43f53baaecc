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
export declare function renew(wallet: Wallet, patience: number): Promise<number | undefined>;
