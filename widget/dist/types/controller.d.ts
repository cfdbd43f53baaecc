import { chartView } from "./chart-view.ts";
import { countView } from "./count-view.ts";
import type { News, Source } from "./feed.ts";
import { avatarsView, listView } from "./people-views.ts";
export declare const views: {
    list: typeof listView;
    avatars: typeof avatarsView;
    count: typeof countView;
    chart: typeof chartView;
};
export type ViewName = keyof typeof views;
/** What the element is told to be, by its attributes. */
export interface Settings extends Omit<Source, "open"> {
    /** A page's own centrifuge-js. */
    readonly client: object | undefined;
    readonly view: ViewName;
    readonly max: number;
    readonly hideBelow: number;
}
/** What is between an element's attributes and its shadow tree. */
export interface Controller {
    now: News;
    /** Does what the attributes say now; out of the page, it lets everything go. */
    settle(): void;
    refresh(): Promise<void> | undefined;
}
export declare function control(host: HTMLElement & Settings): Controller;
