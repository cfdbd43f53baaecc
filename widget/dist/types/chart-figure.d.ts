import type { Painter } from "./painter.ts";
export declare function chartFigure(): Painter;
