/** Every word that is shown. A language is data, so that more of them can be loaded when a page needs them. */
/** A text per plural category; `#` stands for the number. */
export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & {
    other: string;
}>;
export interface Phrases {
    /** What the whole element is, for those who do not see it. */
    readonly label: string;
    /** A member without a name. */
    readonly member: string;
    readonly reconnecting: string;
    readonly here: Plural;
    readonly online: Plural;
    readonly tabs: Plural;
    readonly more: Plural;
    readonly members: Plural;
    readonly guests: Plural;
    /** The same, after members. */
    readonly andGuests: Plural;
}
/** The phrases of one language, with its rules for numbers, plurals and ages. */
export interface Words {
    readonly phrases: Phrases;
    number(n: number): string;
    count(plural: Plural, n: number): string;
    /** How long ago, in minutes or hours. */
    ago(milliseconds: number): string;
}
/**
 * The words for a page's `lang`, which may be anything; English where it is no language known here. Numbers come in the
 * language of the words: "vor 3 Min." beside "here now" would be neither.
 */
export declare function wordsFor(language: string): Words;
