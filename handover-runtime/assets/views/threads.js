// Threads: search by id, and groups.

import { h } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { get } from "../data/api.js";
import { table } from "../parts/table.js";
import { chip, coarse, ownerName, partyName, threadLink, toneOf, when } from "../parts/words.js";

const GROUPS = [["all", "All"], ["with_people", "With an agent"], ["paused", "Paused"], ["waiting", "Backlog"]];
const PAGE = 50;

export function threadsView() {
  let group = GROUPS.find(([name]) => location.hash.endsWith(`/${name}`))?.[0] ?? "all";
  let limit = PAGE;
  const input = h("input", {
    id: "thread-search", type: "search", placeholder: "Search by customer id", "aria-label": "Search threads by customer id",
    autocomplete: "off", spellcheck: "false", "data-testid": "thread-search",
  });
  const buttons = GROUPS.map(([name, label]) => h("button", {
    type: "button", "aria-pressed": String(name === group), "data-testid": `group-${name}`,
    click: () => {
      group = name;
      limit = PAGE;
      buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(GROUPS[index][0] === name)));
      history.replaceState(null, "", `#/threads/${name}`);
      refresh();
    },
  }, label));
  const rows = table({
    label: "Threads", testid: "threads", href: (thread) => (thread.person === "" ? undefined : threadLink(thread)),
    columns: [
      { name: "Customer", class: "grow", cell: ({ person }) => h("code", {}, partyName(person)) },
      { name: "Account", class: "medium", cell: ({ account }) => h("code", {}, account) },
      { name: "Owner", class: "medium", cell: (thread) => [
        chip(toneOf(thread), ownerName(thread)), " ", thread.for && h("span", { class: "hint" }, thread.for),
      ] },
      { name: "Last wrote", class: "short", cell: ({ wrote }) => wrote },
      { name: "State", class: "medium", cell: (thread) => states(thread) },
    ],
  });
  const empty = h("p", { class: "empty", hidden: "" });
  const more = h("button", { class: "button", type: "button", hidden: "", click: () => { limit += PAGE; refresh(); } }, "Show more");
  const element = h("section", { class: "panel" },
    h("div", { class: "panel-head filters" },
      h("label", { class: "search" }, input, h("kbd", {}, "/")),
      h("div", { class: "segmented", role: "group", "aria-label": "Which threads" }, buttons)),
    rows.element, empty, h("div", { class: "more" }, more));
  let typed;
  input.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(refresh, 200);
  });

  async function refresh() {
    const person = input.value.trim();
    const answer = await get("threads", { group, person, limit });
    if (!answer || person !== input.value.trim()) return;
    const { threads, now, has_more: hasMore } = answer;
    rows.update(threads.map((thread) => ({
      ...thread,
      key: `${thread.account}/${thread.person}`,
      for: thread.owner === "other" ? coarse(now - thread.owner_since) : undefined,
      wrote: when(thread.person_wrote_at, now),
      paused: thread.paused_until > now,
      person_wrote_at: undefined, owner_since: undefined,
    })));
    empty.hidden = threads.length > 0;
    empty.textContent = person ? `No customer id contains ${person}.`
      : group === "all" ? "Nobody has written to the bot yet." : "No threads in this group now.";
    more.hidden = !hasMore;
  }

  return { element, refresh };
}

function states({ paused, events, calls, dead_letters: letters, owner, is_answered: answered }) {
  const found = [
    owner === "other" && !answered && chip("wait", "no answer yet"),
    paused && chip("wait", "paused"),
    events > 0 && chip("nobody", `${plural(events, "event")} queued`),
    calls > 0 && chip("nobody", `${plural(calls, "call")} queued`),
    letters > 0 && chip("bad", plural(letters, "dead letter")),
  ].filter(Boolean);
  return found.length ? h("span", { class: "badges" }, found) : undefined;
}
