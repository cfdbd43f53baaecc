/** Writes the address of this very page's script into the HTML to paste, and takes another channel from the address. */

const channel = new URLSearchParams(location.search).get("channel");

for (const place of document.querySelectorAll("[data-script]")) {
  place.textContent = new URL("/roll-call.js", location.href).href;
}
if (channel) {
  for (const place of document.querySelectorAll("[data-channel]")) place.textContent = channel;
  for (const element of document.querySelectorAll("roll-call")) element.setAttribute("channel", channel);
}
