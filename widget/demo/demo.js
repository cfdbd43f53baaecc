/** The page around the element: themes, the HTML to paste, and a log of the events. The element needs none of it. */

const LOGGED = 50;
const form = document.querySelector("form");
const log = document.querySelector(".log");

/** Another channel comes from the address: `?channel=room:1`; and one besides: `?also=room:2`. */
const query = new URLSearchParams(location.search);
const [channel, also] = [query.get("channel"), query.get("also")];
if (channel) {
  form.elements.channel.value = channel;
  for (const element of document.querySelectorAll("roll-call")) element.setAttribute("channel", channel);
}

/** Who takes roll calls oftener than the views say, as a stage for the demo does, says so in the address: `?period=5`. */
const often = Number(query.get("period"));

/** Who made up the day behind the chart says so in the address: `?day=made-up`. */
document.querySelector("[data-made-up]").hidden = query.get("day") !== "made-up";

if (also) {
  const article = document.querySelector("[data-also]");
  const second = document.createElement("roll-call");
  second.setAttribute("channel", also);
  second.textContent = "Who is here?";
  article.append(second);
  article.hidden = false;
}

/** Who you are: `#token=…`, behind the hash because that is sent nowhere. */
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) for (const element of document.querySelectorAll("roll-call")) element.token = token;

for (const choice of document.querySelectorAll("[name=theme]")) {
  choice.addEventListener("change", () => {
    document.querySelector("[data-theme]").className = `views ${choice.value}`;
  });
}

/** What is chosen, as attributes; what is left at its default needs none. */
function attributes() {
  const quoted = (value) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return [...form.elements]
    .filter(({ name, type, value, checked }) => name && (type === "checkbox" ? checked : value))
    .sort((a, b) => (b.name === "channel") - (a.name === "channel"))
    .map(({ name, type, value }) => (type === "checkbox" ? name : `${name}="${quoted(value)}"`))
    .join(" ");
}

function write() {
  const { view, channel, max } = form.elements;
  max.placeholder = { avatars: 5, sentence: 2 }[view.value] ?? 20;
  const { origin } = location;
  document.querySelector("[data-html]").textContent = [
    // On a slow phone a third of a second.
    `<link rel="preload" as="fetch" crossorigin href="${origin}/v1/presence/${encodeURIComponent(channel.value)}">`,
    `<script type="module" src="${origin}/roll-call.js"></script>`,
    // Nothing below it jumps, however late the script comes.
    ...(/^(chart)?$/.test(view.value) ? ["<style>roll-call { display: block; height: 20em; overflow: auto; }</style>"] : []),
    `<roll-call ${attributes()}>Who is here?</roll-call>`,
  ].join("\n");
}
form.addEventListener("input", write);
form.addEventListener("submit", (event) => event.preventDefault());
write();

const button = document.querySelector("[data-copy]");
button.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(document.querySelector("[data-html]").textContent);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select and copy it";
  }
  setTimeout(() => (button.textContent = "Copy"), 2000);
});

/** Names are strangers' words: they go in as text. */
const name = ({ id, info }) => info.name || id;
const TELLS = {
  "roll-call-update": ({ snapshot }) => `${snapshot.present} present, ${snapshot.users} by name, ${snapshot.clients} ${snapshot.clients === 1 ? "tab" : "tabs"}`,
  "roll-call-join": ({ members }) => members.map(name).join(", "),
  "roll-call-leave": ({ members }) => members.map(name).join(", "),
  "roll-call-state": ({ state, reason }) => (reason ? `${state}: ${reason}` : state),
};
// All elements tell the same: the first of the views speaks for all.
const speaker = document.querySelector("main roll-call");
speaker.addEventListener("roll-call-update", ({ snapshot }) => {
  const period = often || snapshot.period;
  document.querySelector("[data-period]").textContent = period === 60 ? "each minute" : `every ${period} seconds`;
});
for (const [type, tell] of Object.entries(TELLS)) {
  speaker.addEventListener(type, (event) => {
    const entry = document.createElement("li");
    const time = document.createElement("time");
    const kind = document.createElement("code");
    time.textContent = new Date().toLocaleTimeString();
    kind.textContent = type;
    entry.append(time, kind, ` ${tell(event)}`);
    log.querySelector(".none")?.remove();
    log.prepend(entry);
    while (log.children.length > LOGGED) log.lastChild.remove();
  });
}
