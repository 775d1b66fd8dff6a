// Puts the newest picture in place of the one before it. Without this script the page asks for itself anew.
"use strict";
const place = document.getElementById("now");
const said = document.getElementById("live");
const source = new EventSource("/pipeline/events");
source.onopen = () => { said.textContent = "live"; };
source.onmessage = (event) => {
  const held = document.activeElement && place.contains(document.activeElement) ? document.activeElement.id : "";
  place.innerHTML = event.data;
  if (held) { document.getElementById(held)?.focus(); }
  said.textContent = "live";
};
source.onerror = () => { said.textContent = source.readyState === EventSource.CLOSED ? "not live: reload the page" : "not live: connecting again"; };
window.addEventListener("pagehide", () => source.close());
