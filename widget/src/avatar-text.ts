/** What stands in for a picture: the same person has the same colour and letters everywhere, and nobody is asked. */

/** First letters of the first two words that begin with a letter or a digit. */
export function initials(name: string): string {
  return (name.match(/(?<!\S)[\p{L}\p{N}]/gu) ?? []).slice(0, 2).join("").toUpperCase();
}

/** A hue in degrees, stable per id. Neighbours are a golden angle apart: ids are often numbers in a row. */
export function hue(id: string): number {
  const hash = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 0);
  return (hash * 137.5) % 360;
}
