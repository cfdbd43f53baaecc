/** @jsxImportSource solid-js */
import "roll-call-element/solid";
import type { RollCallElement } from "roll-call-element";

export function Page(props: { user: { token: string } | undefined }) {
  let element: RollCallElement | undefined;
  return (
    <>
      <roll-call ref={element} channel="site:main" view="avatars" max={3} hide-below="2" aria-label="Room 5" class="here" observer={!props.user} />
      <roll-call channel="site:main" prop:token={props.user?.token} on:roll-call-state={({ state, reason }) => [state === "stale", reason.length]} />
      {/* @ts-expect-error There is no such view. */}
      <roll-call channel="site:main" view="lst" />
      {/* @ts-expect-error It would be on. */}
      <roll-call channel="site:main" observer="false" />
      {/* @ts-expect-error There is no such attribute. */}
      <roll-call chanel="site:main" />
    </>
  );
}
