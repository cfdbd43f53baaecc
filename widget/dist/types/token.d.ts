import type { Visitor } from "./visitor.ts";
/**
 * Gets a token; an empty one is a guest's. The visitor may have none where the page's server says so (401, 403), or its
 * function gives no text: then there is a refusal. Rejects where another try may help, after `patience` milliseconds at
 * the latest if the page's server is asked.
 */
export declare function renew({ tokenUrl, getToken }: Visitor, patience: number): Promise<[token: string, refusal: string]>;
