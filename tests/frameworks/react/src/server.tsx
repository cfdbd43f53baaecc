import { renderToString } from "react-dom/server";
import { App } from "./App.tsx";
import { HydratedWhoIsHere } from "./HydratedWhoIsHere.tsx";

export const render = (): string => renderToString(<App Here={HydratedWhoIsHere} />);
