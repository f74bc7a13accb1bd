// Settings of accounts and of the behavior of the platform.

import { h } from "../lib/dom.js";
import { post } from "../state/api.js";
import { store } from "../state/store.js";
import { accountSettings } from "./account.js";
import { behavior } from "./behavior.js";

/** Renders the drawer if something has changed. */
export function settings(body) {
  const { accounts, apps, behavior: chosen } = store.state;
  const signature = JSON.stringify([accounts, apps, chosen]);
  if (body.firstChild && body.signature === signature) return;
  body.signature = signature;
  const focused = document.activeElement?.dataset.testid;
  const top = body.scrollTop;
  body.replaceChildren(...accounts.map(accountSettings), behavior(chosen), startOver());
  body.scrollTop = top;
  if (focused) body.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
}

function startOver() {
  let sure = false;
  const button = h("button", { class: "button danger", type: "button", "data-testid": "reset" }, "Start over");
  button.addEventListener("click", () => {
    if (sure) post("/control/reset");
    sure = !sure;
    button.textContent = sure ? "Confirm: remove everything" : "Start over";
  });
  return h("section", { class: "setting-group" },
    h("h3", {}, "Start over"),
    h("p", { class: "hint" }, "Removes all persons, conversations and timeline rows. Accounts, apps and settings stay."),
    button);
}
