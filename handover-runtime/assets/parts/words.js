// How owners, times and numbers are written.

import { h } from "../lib/dom.js";
import { brief, clock, span } from "../lib/format.js";

export const number = (value) => Math.round(value).toLocaleString("en");

export const ago = (at, now) => (at ? `${span(now - at)} ago` : undefined);

/** Changes at most once a minute, so that rows are not written anew all the time. */
export const coarse = (millis) => (millis < 60_000 ? "< 1 min" : span(Math.floor(millis / 60_000) * 60_000));

export const when = (at, now) => (at ? `${brief(at, now)}${now - at < 86_400_000 ? "" : ` ${clock(at)}`}` : undefined);

export const toneOf = ({ owner, owner_name: name }) => (owner === "bot" ? "bot" : owner === "other" ? (name ? "inbox" : "other") : "nobody");

export function ownerName({ owner, owner_name: name, owner_app: app }) {
  if (owner === "bot") return "The bot";
  if (owner === "other") return name ?? (app ? `App ${app}` : "Another app");
  return "Nobody";
}

export const chip = (tone, text, title) => h("span", { class: `badge tone-${tone}`, title }, text);

/** What an id is of. */
export const partyName = (person) => (person === "" ? "the account itself" : person);

export const threadLink = ({ account, person }) => `#/threads/${encodeURIComponent(account)}/${encodeURIComponent(person)}`;
