import { createRoot, hydrateRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { HydratedWhoIsHere } from "./HydratedWhoIsHere.tsx";
import { WhoIsHere } from "./WhoIsHere.tsx";

const app = document.getElementById("app")!;
// Takes over what a server wrote, or begins with nothing.
if (app.firstChild) hydrateRoot(app, <App Here={HydratedWhoIsHere} />);
else createRoot(app).render(<App Here={WhoIsHere} />);
