/** What came out of JSON may be anything: these read it without a case for each wrong kind. */

export type Fields = Readonly<Record<string, unknown>>;

/** As an object, where nothing is taken for an empty one. */
export const fields = (value: unknown): Fields => (value || {}) as Fields;

/** As a list; what is none is an empty one. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const isText = (value: unknown): value is string => typeof value === "string";
