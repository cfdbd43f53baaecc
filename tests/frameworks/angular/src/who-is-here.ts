import { Component, CUSTOM_ELEMENTS_SCHEMA, input, signal } from "@angular/core";
import "roll-call-element/define";

@Component({
  selector: "who-is-here",
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <h1>{{ present() === undefined ? "Chat" : "Chat (" + present() + ")" }}</h1>
    <roll-call
      channel="site:main"
      endpoint="https://d111.cloudfront.net"
      [token]="token()"
      (roll-call-update)="present.set($event.snapshot.present)"
    >
      Who is here?
    </roll-call>
  `,
})
export class WhoIsHere {
  readonly token = input<string>();
  readonly present = signal<number | undefined>(undefined);
}
