import { header } from "./header.ts";
import type { Painter } from "./painter.ts";

/** The number alone, small enough for a line of text. */
export const countView = (): Painter => header("pill", "online");
