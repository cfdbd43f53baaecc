/** @jsxImportSource preact */
import { createRef } from "preact";
import type {} from "roll-call-element/preact";
import type { RollCallElement } from "roll-call-element";

export function Page({ user }: { user: { token: string } | undefined }) {
  const element = createRef<RollCallElement>();
  return (
    <>
      <roll-call ref={element} channel="site:main" view="avatars" max={3} hide-below="2" aria-label="Room 5" class="here" observer={!user} />
      <roll-call channel="site:main" token={user?.token ?? null} onroll-call-state={({ state, reason }) => [state === "stale", reason.length]} />
      {/* @ts-expect-error There is no such view. */}
      <roll-call channel="site:main" view="lst" />
      {/* @ts-expect-error It would be on. */}
      <roll-call channel="site:main" observer="false" />
      {/* @ts-expect-error There is no such attribute. */}
      <roll-call chanel="site:main" />
    </>
  );
}
