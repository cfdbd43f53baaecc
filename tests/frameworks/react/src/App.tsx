import { StrictMode, useState, type ComponentType } from "react";

/** A page where visitors sign in and out; StrictMode mounts all of it twice. */
export function App({ Here }: { Here: ComponentType<{ token: string | undefined }> }) {
  const [token, setToken] = useState<string>();
  return (
    <StrictMode>
      <Here token={token} />
      <button onClick={() => setToken("ada")}>Ada</button>
      <button onClick={() => setToken("ben")}>Ben</button>
      <button onClick={() => setToken(undefined)}>Sign out</button>
    </StrictMode>
  );
}
