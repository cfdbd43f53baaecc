/** The number of those who are here, live: the snapshot first, then what is published; and this visitor is counted. */
import { Centrifuge } from "centrifuge";

const number = document.getElementById("number");
const { channel, socket } = number.dataset;
let takenAt = 0;

function show(view) {
  if (view.taken_at <= takenAt) return;
  takenAt = view.taken_at;
  number.textContent = view.present.toLocaleString("en");
}

const centrifuge = new Centrifuge(socket);
centrifuge.newSubscription(channel).subscribe();
const views = centrifuge.newSubscription(`presence:${channel}`);
views.on("publication", ({ data }) => show(data));
views.subscribe();
centrifuge.connect();

const response = await fetch(`/v1/presence/${encodeURIComponent(channel)}`);
show(await response.json());
