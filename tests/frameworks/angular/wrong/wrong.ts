import { Component, CUSTOM_ELEMENTS_SCHEMA } from "@angular/core";
import "roll-call-element/define";

/** Both mistakes have to be found: a template has no way to say that it is wrong on purpose. */
@Component({
  selector: "who-is-wrong",
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <roll-call #element channel="site:main" (roll-call-update)="see($event.members)"></roll-call>
    {{ element.snapshot?.present }} {{ element.nothing }}
  `,
})
export class WhoIsWrong {
  see(value: unknown): unknown {
    return value;
  }
}
