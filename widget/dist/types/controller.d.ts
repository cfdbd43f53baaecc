import { countView } from "./count-view.ts";
import { type State } from "./feed.ts";
import { listView } from "./list-view.ts";
import type { View } from "./view.ts";
export declare const views: {
    list: typeof listView;
    count: typeof countView;
};
export type ViewName = keyof typeof views;
/** What the element is told to be, by its attributes. */
export interface Settings {
    readonly channel: string;
    readonly endpoint: string;
    readonly token: string;
    readonly observer: boolean;
    readonly view: ViewName;
    readonly max: number;
}
/** What is between an element's attributes and its shadow tree. */
export interface Controller {
    readonly view: View | undefined;
    readonly state: State;
    /** Does what the attributes say now; out of the page, it lets everything go. */
    settle(): void;
    refresh(): Promise<void> | undefined;
}
export declare function control(host: HTMLElement & Settings): Controller;
