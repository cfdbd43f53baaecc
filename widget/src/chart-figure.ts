/** The line of the last 24 hours. */
import css from "./chart.css";
import { element, setText } from "./dom.ts";
import { phrasesOf } from "./english.ts";
import type { Feed } from "./feed.ts";
import { guarded } from "./guard.ts";
import { MINUTES, minuteOf, parseHistory, peak, thinned, withView, type History } from "./history.ts";
import type { Painter, Scene } from "./painter.ts";
import { applyStyle } from "./style.ts";
import type { View } from "./view.ts";

const SVG = "http://www.w3.org/2000/svg";
const DAY_MS = 86_400_000;
/** A screen has no room for 1,440 points. */
const MINUTES_PER_POINT = 5;
/** Of the drawing, in its own units; it is stretched to the room there is. */
const WIDTH = MINUTES / MINUTES_PER_POINT;
const HEIGHT = 64;
/** Room above the highest, for its mark. */
const HEADROOM = 6;
/** So many minutes without a view are a gap that only the server can fill. */
const GAP_MINUTES = 3;

/** What is known of a feed's channel; all charts of a page share it, and ask once. */
interface Past {
  history?: History;
  /** The last view for which the server was asked. */
  asked?: View;
  answer?: Promise<void>;
}

const pasts = new WeakMap<Feed, Past>();
export function chartFigure(): Painter {
  const svg = document.createElementNS(SVG, "svg");
  const [area, line] = ["area", "line"].map((part) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", part);
    path.setAttribute("part", part);
    return path;
  }) as [SVGPathElement, SVGPathElement];
  const mark = element("span", "peak");
  const plot = element("div", "plot", svg, mark);
  const from = element("span", "");
  const top = element("span", "");
  const to = element("span", "");
  const axis = element("div", "axis", from, top, to);
  const figure = element("div", "chart", plot, axis);

  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.append(area, line);
  svg.ariaHidden = "true";
  figure.role = "img";
  // Time runs to the right on any page, as on a clock.
  figure.dir = "ltr";

  const draw = ({ words }: Scene, history: History | undefined): void => {
    const points = history ? thinned(history, MINUTES_PER_POINT) : [];
    const high = history && peak(history);
    const x = (point: number): number => point + 0.5;
    const y = (present: number): number => HEIGHT - (present / (high?.present ?? 1)) * (HEIGHT - HEADROOM);

    const runs = runsOf(points).map((run) => run.map(([point, present]) => `${x(point)},${y(present).toFixed(1)}`));
    // `h0`, because a line of one point would not be drawn.
    line.setAttribute("d", runs.map((run) => `M${run.join("L")}h0`).join(""));
    area.setAttribute("d", runs.map((run) => `M${run[0]!.split(",")[0]},${HEIGHT}L${run.join("L")}V${HEIGHT}Z`).join(""));

    const { language } = words;
    setText(from, words.ago(DAY_MS));
    setText(to, new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(0, "second"));
    setText(
      top,
      high
        ? phrasesOf(words)
            .peak.replace("#", words.number(high.present))
            .replace("@", new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(high.at))
        : "",
    );
    figure.ariaLabel = `${from.textContent} – ${to.textContent}: ${top.textContent}`;
    mark.hidden = !high;
    if (!high) return;
    mark.style.left = `${(x(Math.floor(high.index / MINUTES_PER_POINT)) / WIDTH) * 100}%`;
    mark.style.top = `${(y(high.present) / HEIGHT) * 100}%`;
  };

  return [
    figure,
    (scene) => {
      const { feed, view } = scene;
      applyStyle(figure, css);
      if (!feed || !view) return draw(scene, undefined);
      const past = pasts.get(feed) ?? {};
      pasts.set(feed, past);
      const missing = !past.history || minuteOf(view.taken_at) - past.history.last > GAP_MINUTES;
      past.history = withView(past.history, view);
      if (missing && past.asked !== view) {
        past.asked = view;
        past.answer = ask(feed, past);
      }
      // Those who come while it is asked wait for the same answer.
      void past.answer?.then(guarded(() => draw(scene, past.history)));
      draw(scene, past.history);
    },
  ];
}

async function ask({ source: { endpoint, channel } }: Feed, past: Past): Promise<void> {
  try {
    const response = await fetch(`${endpoint}/v1/presence/${encodeURIComponent(channel)}/history`);
    const told = parseHistory(await response.json(), channel);
    if (told && past.asked) past.history = withView(told, past.asked);
  } catch {
    // The line then begins with the views that come.
  }
}

/** Numbers in a row, each with its index: what is missing between them is not drawn over. */
function runsOf(points: readonly (number | null)[]): [index: number, present: number][][] {
  const runs: [number, number][][] = [[]];
  points.forEach((present, index) => {
    if (present === null) runs.push([]);
    else runs.at(-1)!.push([index, present]);
  });
  return runs.filter((run) => run.length);
}
