import type { chartFigure } from "./chart-figure.ts";
import type { Painter } from "./painter.ts";
/** The number, and the line of the last 24 hours as soon as there is what draws it. */
export declare function chartView(figure: typeof chartFigure | undefined): Painter;
