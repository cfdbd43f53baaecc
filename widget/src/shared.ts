/** The one that there is already for `source`, if there is: elements that ask for the same share it. */
export function sharedOf<Source extends object, Kept extends { readonly source: Source }>(
  all: Iterable<Kept>,
  source: Source,
): Kept | undefined {
  const names = Object.keys(source) as (keyof Source)[];
  return [...all].find((kept) => names.every((name) => kept.source[name] === source[name]));
}
