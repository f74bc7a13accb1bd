// Taps on buttons of templates.

import { h } from "../lib/dom.js";
import { webAddress } from "../message/media.js";
import { act } from "../state/api.js";
import { store } from "../state/store.js";
import { ask } from "./more.js";

export function tap(mid, index, button, anchor) {
  const person = store.selected;
  if (button.type === "account_link") return logIn(person, button, anchor);
  if (button.type === "account_unlink") return act("log_out", { person });
  return act("button", { person, mid, index });
}

/** Opens the login page of the business, or finishes the login with a code. */
async function logIn(person, { url }, anchor) {
  const followed = await act("follow_account_link", { person });
  if (!followed) return;
  const page = loginPage(url, followed.token);
  const link = page && h("a", { class: "button", href: page, target: "_blank", rel: "noopener noreferrer", "data-testid": "login-page" }, `Open ${page.host}`);
  ask(anchor, "Log in at the business", [{ name: "authorization_code", label: "Or the authorization code that its page gives", value: "CODE" }], "Log in",
    (fields) => act("finish_account_link", { person, ...fields }), link);
}

function loginPage(address, token) {
  const page = webAddress(address);
  const back = new URL("/messenger_platform/account_linking", location);
  back.searchParams.set("account_linking_token", token);
  page?.searchParams.set("account_linking_token", token);
  page?.searchParams.set("redirect_uri", back);
  return page;
}
