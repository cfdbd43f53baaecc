/** Every word that is shown. A language is data, so that more of them can be loaded when a page needs them. */
/** A text per plural category; `#` stands for the number. */
export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & {
    other: string;
}>;
/** What the element says; a phrase that a language has not is English. */
export interface Phrases {
    /** What the whole element is, for those who do not see it. */
    readonly label: string;
    readonly here: Plural;
    readonly online: Plural;
    /** A member without a name. */
    readonly member?: string;
    /** Beside one's own name. */
    readonly you?: string;
    readonly reconnecting?: string;
    /** `#` stands for how long ago. */
    readonly seen?: string;
    readonly tabs?: Plural;
    readonly more?: Plural;
    readonly members?: Plural;
    readonly guests?: Plural;
    /** A sentence about so many people: `@` stands for their names. */
    readonly are?: Plural;
    /** In that sentence, those who are not named. */
    readonly others?: Plural;
    /** The highest of a chart: `#` stands for the number, `@` for the time of day. */
    readonly peak?: string;
}
/** Words by the first part of a language tag: `nl`. */
export type Languages = ReadonlyMap<string, Phrases>;
/** A language's words, for all elements from their next change on. `language` is the first part of a tag: `nl`. */
export declare function addWords(language: string, phrases: Phrases): void;
/** The phrases of one language, with its rules for numbers, plurals and ages. */
export interface Words {
    readonly language: string;
    readonly phrases: Phrases;
    number(n: number): string;
    count(plural: Plural, n: number): string;
    /** How long ago, in minutes, hours or days. */
    ago(milliseconds: number): string;
}
/** Whether there is nothing to be loaded: the language has words here, or nowhere. */
export declare const isAtHand: (language: string) => boolean;
/**
 * The words for a page's `lang`, which may be anything; English where it is no language known here. Numbers come in the
 * language of the words: "vor 3 Min." beside "here now" would be neither.
 */
export declare function wordsFor(language: string, more?: Languages): Words;
