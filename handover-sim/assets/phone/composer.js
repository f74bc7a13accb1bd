// The person's text field: a message, a reply or an edit.

import { byId, h } from "../lib/dom.js";
import { icon } from "../lib/icon.js";
import { act } from "../state/api.js";
import { on, store } from "../state/store.js";

/** The message to reply to or to edit: `{ mid, text, act: "reply" | "edit" }`. */
let about = null;

export function startComposer() {
  const input = byId("person-input");
  const send = byId("person-send");
  send.append(icon("send"));
  input.addEventListener("input", settle);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !about) return;
    event.stopPropagation();
    setAbout(null);
  });
  byId("person-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    const fields = about ? { person: store.selected, mid: about.mid, text } : { person: store.selected, text };
    const name = about?.act ?? "say";
    input.value = "";
    setAbout(null);
    if (!await act(name, fields) && !input.value) input.value = text;
    settle();
  });
  on("selected", () => {
    input.value = "";
    setAbout(null);
  });
}

/** Makes the next text a reply to this message, or an edit of it. */
export function writeAbout(message, name) {
  setAbout({ mid: message.mid, text: message.text, act: name });
  const input = byId("person-input");
  if (name === "edit") input.value = message.text ?? "";
  settle();
  input.focus();
}

function setAbout(next) {
  if (about?.act === "edit" && next?.act !== "edit") byId("person-input").value = "";
  about = next;
  const bar = byId("phone-about");
  bar.hidden = !about;
  bar.replaceChildren();
  if (about) {
    bar.append(
      h("p", {}, h("strong", {}, about.act === "edit" ? "Editing" : "Replying to"), " ", about.text ?? "an attachment"),
      h("button", { class: "round small", type: "button", "aria-label": "Cancel", click: () => setAbout(null) }, icon("close")));
  }
  settle();
}

function settle() {
  byId("person-send").disabled = !byId("person-input").value.trim();
}
