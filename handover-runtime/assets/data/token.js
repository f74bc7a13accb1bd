// The operator token, for changes and for texts of conversations. It is kept until the tab is closed.

import { byId, h } from "../lib/dom.js";
import { icon } from "../lib/icon.js";
import { modal } from "../lib/modal.js";

const KEY = "token";

export const token = () => sessionStorage.getItem(KEY);

export function forgetToken() {
  sessionStorage.removeItem(KEY);
  show();
}

/** `handover operations` gives an address with the token behind the `#`, which is sent nowhere. */
export function startToken() {
  take();
  addEventListener("hashchange", take);
  byId("token-open").addEventListener("click", openToken);
  show();
}

function take() {
  const given = /^#token=([^&]+)/.exec(location.hash)?.[1];
  if (!given) return;
  keep(decodeURIComponent(given));
  history.replaceState(null, "", "#/now");
}

function keep(given) {
  sessionStorage.setItem(KEY, given);
  show();
}

function show() {
  byId("token-open").replaceChildren(icon("key"), h("span", {}, token() ? "Token set" : "Read-only"));
}

export function openToken() {
  askToken(false, true);
}

/** Asks for the token; undefined if the window is closed without one. */
export function askToken(refused, mayForget = false) {
  return new Promise((resolve) => {
    const input = h("input", {
      class: "field", type: "password", autocomplete: "off", spellcheck: "false", "aria-label": "Token", "data-testid": "token-input",
    });
    const form = h("form", { class: "form token-form" },
      refused && h("p", { class: "trouble", "data-testid": "token-refused" }, "The bot refuses this token."),
      h("p", { class: "hint" }, "Changes and texts of conversations need the operator token. Run this command where the bot runs, with its variables, and open the address that it prints:"),
      h("pre", { class: "code" }, "handover operations"),
      h("label", {}, h("span", {}, "Or paste the token"), input),
      h("div", { class: "row" },
        h("button", { class: "button primary", type: "submit", "data-testid": "token-save" }, "Use this token"),
        mayForget && token() && h("button", { class: "button", type: "button", click: () => { forgetToken(); box.close(); } }, "Forget the token")));
    const box = modal("Operator token", form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!input.value.trim()) return;
      keep(input.value.trim());
      box.close();
    });
    box.addEventListener("close", () => resolve(token() ?? undefined));
    input.focus();
  });
}
