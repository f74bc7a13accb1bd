// The line to the simulator: acts go out, the state of the desk comes in.

import { byId } from "./dom.js";

let hideToast;

export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hideToast);
  hideToast = setTimeout(() => { box.hidden = true; }, 6000);
}

/** Carries out an act. The answer is undefined if it failed, which has been shown then. */
export async function act(name, fields = {}) {
  try {
    const response = await fetch(`/desk/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fields),
    });
    const answer = await response.json();
    if (response.ok) return answer;
    toast(sentence(answer.error));
  } catch {
    toast("The simulator does not answer. Is it still running?");
  }
  return undefined;
}

/** Calls back with the state now and at every change. The browser reconnects by itself. */
export function listen(changed) {
  const status = byId("connection");
  const show = (live, text) => {
    status.dataset.live = live;
    status.textContent = text;
  };
  const events = new EventSource("/desk/events");
  events.onopen = () => show(true, "Live");
  events.onerror = () => show(false, "Reconnecting");
  events.onmessage = (message) => changed(JSON.parse(message.data));
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + ".";
