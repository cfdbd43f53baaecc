import type { News } from "./feed.ts";
import type { Source } from "./live.ts";
/** What is around each view, also while its file is on its way: it has the height from the start. */
export declare const views: {
    list: string;
    avatars: string;
    count: string;
    sentence: string;
    chart: string;
};
export type ViewName = keyof typeof views;
/** What the element is told to be, by its attributes and properties. */
export interface Settings extends Omit<Source, "open"> {
    /** A page's own centrifuge-js. */
    readonly client: object | undefined;
    readonly view: ViewName;
    readonly max: number;
    readonly hideBelow: number;
    readonly observer: boolean;
    readonly announce: boolean;
}
/** What is between an element's attributes and its shadow tree. */
export interface Controller {
    now: News;
    /** Does what the attributes say now; out of the page, it lets everything go. */
    settle(): void;
    refresh(): Promise<void> | undefined;
}
export declare function control(host: HTMLElement & Settings): Controller;
