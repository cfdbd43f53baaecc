/** The least that shows the number: one request. */
const number = document.getElementById("number");
const response = await fetch(`/v1/presence/${encodeURIComponent(number.dataset.channel)}`);
number.textContent = (await response.json()).present.toLocaleString("en");
