/**
 * A part that not every page needs: a file of its own, beside the script. It is got with the first need; nothing while it
 * is on its way, and then `again` runs when it is here. One that can't be had is empty, until a later need brings it.
 */
export declare function importing<Part extends object>(load: () => Promise<Part>): (again: () => void) => Partial<Part> | undefined;
