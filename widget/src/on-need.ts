/** Parts that not every page needs. */
import { importing } from "./importing.ts";

const people = importing(() => import("./people-views.ts"));

export const onNeed = {
  list: people,
  avatars: people,
  sentence: importing(() => import("./sentence-view.ts")),
  chart: importing(() => import("./chart-view.ts")),
  client: importing(() => import("./client-live.ts")),
  words: importing(() => import("./languages.ts")),
};
