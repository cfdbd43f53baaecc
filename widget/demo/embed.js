/** One `<roll-call>` with the attributes of the page's query: `embed.html?channel=site:main&view=count&observer`. */

const { theme, ...attributes } = Object.fromEntries(new URLSearchParams(location.search));
const element = document.createElement("roll-call");
for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
element.textContent = "Who is here?";
if (theme) document.body.className = theme;
document.body.append(element);
