import type { chartFigure } from "./chart-figure.ts";
import { element } from "./dom.ts";
import { header } from "./header.ts";
import type { Painter } from "./painter.ts";

/** The number, and the line of the last 24 hours as soon as there is what draws it. */
export function chartView(figure: typeof chartFigure | undefined): Painter {
  const [head, paintHead] = header("header", "here");
  const [chart, paintChart] = figure?.() ?? [""];
  return [
    // As high as a list from the start, whatever is late.
    element("div", "roll", head, chart),
    (scene) => {
      paintHead(scene);
      paintChart?.(scene);
    },
  ];
}
