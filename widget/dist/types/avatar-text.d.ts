/** What stands in for a picture: the same person has the same colour and letters everywhere, and nobody is asked. */
/** First letters of the first two words that begin with a letter or a digit. */
export declare function initials(name: string): string;
/** A hue in degrees, stable per id. Neighbours are a golden angle apart: ids are often numbers in a row. */
export declare function hue(id: string): number;
