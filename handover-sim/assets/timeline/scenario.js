// The conversation as a test in Rust.

import { byId, h } from "../lib/dom.js";
import { copyButton } from "../lib/copy.js";
import { modal } from "../lib/modal.js";
import { get } from "../state/api.js";
import { threadPath } from "../state/live.js";
import { current } from "../state/store.js";

export function startScenario() {
  byId("save-test").addEventListener("click", showScenario);
}

async function showScenario() {
  const thread = current();
  const code = thread && await get(`${threadPath(thread.person.id)}/scenario`);
  if (!code) return;
  const file = URL.createObjectURL(new Blob([code], { type: "text/plain" }));
  const name = `${thread.person.name.toLowerCase().replace(/[^a-z0-9]+/g, "_") || "scenario"}.rs`;
  const box = modal(`${thread.person.name}'s conversation as a test`,
    h("p", { class: "hint" }, "Put it into the tests/ folder of your bot. It repeats the conversation against the simulator, in process and in virtual time."),
    h("div", { class: "block-head" },
      h("a", { class: "button small primary", href: file, download: name }, `Download ${name}`),
      copyButton(() => code)),
    h("pre", { class: "code", tabindex: 0, "data-testid": "scenario" }, code));
  box.addEventListener("close", () => URL.revokeObjectURL(file));
}
