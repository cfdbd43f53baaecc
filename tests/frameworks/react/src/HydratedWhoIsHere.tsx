import { useEffect, useRef, useState } from "react";
import "roll-call-element/react";
import type { RollCallElement } from "roll-call-element";

export function HydratedWhoIsHere({ token }: { token: string | undefined }) {
  const element = useRef<RollCallElement>(null);
  const [present, setPresent] = useState<number>();
  useEffect(() => {
    const rollCall = element.current!;
    const look = () => setPresent(rollCall.snapshot?.present);
    look();
    rollCall.addEventListener("roll-call-update", look);
    return () => rollCall.removeEventListener("roll-call-update", look);
  }, []);
  return (
    <section>
      <h1>{present === undefined ? "Chat" : `Chat (${present})`}</h1>
      <roll-call ref={element} channel="site:main" endpoint="https://d111.cloudfront.net" token={token}>
        Who is here?
      </roll-call>
    </section>
  );
}
