/** Who the visitor is: by a token, or by a way to get one, again when it has expired. Without both, a guest. */
export interface Visitor {
    /** Centrifugo's; empty: none yet, or none at all. */
    readonly token: string;
    /** The page's own server answers `{"token":"…"}`; empty: nowhere. */
    readonly tokenUrl: string;
    /** A page's own way, as centrifuge-js has it. */
    readonly getToken: (() => Promise<string>) | undefined;
}
/** The user id in a token, which only its server can verify; empty where there is none. */
export declare function userOf(token: string): string;
