import { useState } from "react";
import "roll-call-element/react";

export function WhoIsHere({ token }: { token: string | undefined }) {
  const [present, setPresent] = useState<number>();
  return (
    <section>
      <h1>{present === undefined ? "Chat" : `Chat (${present})`}</h1>
      <roll-call
        channel="site:main"
        endpoint="https://d111.cloudfront.net"
        token={token}
        onroll-call-update={({ snapshot }) => setPresent(snapshot.present)}
      >
        Who is here?
      </roll-call>
    </section>
  );
}
