// Accounts with the state of their access tokens, and counts since the start.

import { h } from "../lib/dom.js";
import { span } from "../lib/format.js";
import { get } from "../data/api.js";
import { table } from "../parts/table.js";
import { chip, number } from "../parts/words.js";
import { showCount } from "../parts/count.js";

const TOKENS = {
  works: ["good", "works"],
  unused: ["nobody", "not used yet"],
  refused: ["bad", "refused"],
  limited: ["wait", "limited"],
  missing: ["bad", "no token"],
};

export function accountsView() {
  const pair = (done, failed) => [number(done ?? 0), failed ? h("span", { class: "trouble" }, ` ${number(failed)} failed`) : undefined];
  const rows = table({
    label: "Accounts", testid: "accounts",
    columns: [
      { name: "Page", class: "grow", cell: ({ page, instagram }) => [
        h("code", {}, page), instagram.map((id) => h("div", { class: "hint" }, "Instagram ", h("code", {}, id))),
      ] },
      { name: "Access token", class: "grow", cell: ({ token, reason, left }) => [
        chip(TOKENS[token][0], TOKENS[token][1]), left && h("span", { class: "hint" }, ` for ${left}`), reason && h("p", { class: "hint" }, reason),
      ] },
      { name: "Events in", class: "short", cell: (account) => pair(account.events_handled, account.events_failed) },
      { name: "Messages out", class: "short", cell: (account) => pair(account.messages_sent, account.messages_failed) },
      { name: "Handoffs", class: "short", cell: (account) => pair(account.handoffs_passed, account.handoffs_failed) },
    ],
  });
  const empty = h("p", { class: "empty", hidden: "" }, "No accounts: the token store is empty or does not answer.");
  const element = h("section", { class: "panel" },
    h("div", { class: "panel-head" }, h("h2", {}, "Accounts"), h("span", { class: "hint" }, "since the start of this process")), rows.element, empty);
  return {
    element,
    showsOverview: true,
    async refresh() {
      const overview = await get("overview");
      if (!overview) return;
      showCount(overview);
      const accounts = overview.accounts ?? [];
      rows.update(accounts.map((account) => ({
        ...account, key: account.page, until: undefined, left: account.until ? span(account.until - overview.now) : undefined,
      })));
      empty.hidden = accounts.length > 0;
    },
  };
}
