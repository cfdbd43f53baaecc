/** The number, and the line of the last 24 hours. Loaded only where a page wants a chart. */
import { chartFigure } from "./chart-figure.ts";
import { element } from "./dom.ts";
import type { MakeView } from "./painter.ts";

export const chart: MakeView = (header) => {
  const [head, paintHead] = header("header", "here");
  const [figure, paintFigure] = chartFigure();
  return [
    element("div", "roll", head, figure),
    (scene) => {
      paintHead(scene);
      paintFigure(scene);
    },
  ];
};
