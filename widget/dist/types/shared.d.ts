/** The one that there is already for `source`, if there is: elements that ask for the same share it. */
export declare function sharedOf<Source extends object, Kept extends {
    readonly source: Source;
}>(all: Iterable<Kept>, source: Source): Kept | undefined;
