/** What the types know: compiled, never run. */
import { useRef } from "react";
import "roll-call-element/react";
import type { RollCallElement } from "roll-call-element";

export function Page({ user }: { user: { token: string } | undefined }) {
  const element = useRef<RollCallElement>(null);
  void element.current?.refresh();
  return (
    <>
      <roll-call ref={element} channel="site:main" view="avatars" max={3} hide-below="2" aria-label="Room 5" className="here" observer={!user} />
      <roll-call channel="site:main" token={user?.token ?? null} getToken={async () => "token"} style={{ height: "20em" }} lang="de" />
      <roll-call
        channel="site:main"
        onroll-call-state={({ state, reason }) => [state === "stale", reason.length]}
        onroll-call-join={({ members }) => members.map(({ id, info }) => [id, info["name"]])}
      />
      {/* @ts-expect-error There is no such view. */}
      <roll-call channel="site:main" view="lst" />
      {/* @ts-expect-error It would be on. */}
      <roll-call channel="site:main" observer="false" />
      {/* @ts-expect-error It is a number. */}
      <roll-call channel="site:main" hide-below="many" />
      {/* @ts-expect-error On a server it would be lost: it is `hide-below`. */}
      <roll-call channel="site:main" hideBelow={2} />
      {/* @ts-expect-error There is no such attribute. */}
      <roll-call chanel="site:main" />
      {/* @ts-expect-error This event has a snapshot, and no members. */}
      <roll-call channel="site:main" onroll-call-update={({ members }) => members} />
    </>
  );
}
