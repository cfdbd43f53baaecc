import type { MakeView } from "./painter.ts";
export declare const chart: MakeView;
