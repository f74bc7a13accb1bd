// The list of conversations, for phones and folders of the inbox.

import { byId, h } from "../lib/dom.js";
import { brief, initial } from "../lib/format.js";
import { listbox } from "../lib/listbox.js";
import { toneOf } from "../owner.js";
import { select } from "../state/selection.js";
import { accountOf, appName, now, on, store } from "../state/store.js";
import { feed } from "./feed.js";
import { startWaiting } from "./waiting.js";

const ROW = 56;
const SEARCH_AFTER = 150;

let list;
let people;

export function startPeople() {
  people = feed(show);
  list = listbox(byId("people-list"), {
    height: ROW,
    source: {
      count: people.count,
      item: (index) => summary(people.at(index)),
      indexOf: people.indexOf,
      need: people.need,
    },
    build: row,
    choose: ({ key }) => select(key),
  });
  startFilter();
  startWaiting();
  on("threads", people.take);
  on("selected", () => list.activate(store.selected));
  on("thread", () => list.activate(store.selected));
  on("epoch", () => people.setFilter({}));
  on("state", showAccounts);
  people.setFilter({});
}

export const stepPeople = (by) => list.step(by);

/** Adds a new person to the list. */
export const showAll = () => people.setFilter({ folder: "", search: byId("people-search").value = "" });

function startFilter() {
  const folders = document.querySelectorAll("[data-testid^='inbox-folder'], [data-testid='folder-all']");
  for (const button of folders) {
    button.addEventListener("click", () => people.setFilter({ folder: button.dataset.folder }));
  }
  let later;
  byId("people-search").addEventListener("input", ({ target }) => {
    clearTimeout(later);
    later = setTimeout(() => people.setFilter({ search: target.value.trim() }), SEARCH_AFTER);
  });
  byId("account-filter").addEventListener("change", ({ target }) => people.setFilter({ account: target.value }));
}

function showAccounts() {
  const box = byId("account-filter");
  const options = [["", "All accounts"], ...store.state.accounts.map(({ id, name, product }) => [id, `${name} · ${PRODUCTS[product] ?? product}`])];
  if (options.length === 2) options.shift();
  const signature = JSON.stringify(options);
  if (box.signature === signature) return;
  box.signature = signature;
  box.replaceChildren(...options.map(([id, name]) => h("option", { value: id, selected: id === people.filter().account }, name)));
  show();
}

export const PRODUCTS = { messenger: "Messenger", instagram: "Instagram" };

function show() {
  const { folder, search } = people.filter();
  for (const button of document.querySelectorAll("[data-folder]")) {
    button.setAttribute("aria-pressed", button.dataset.folder === folder);
  }
  const empty = byId("people-empty");
  empty.hidden = people.count() > 0;
  if (people.count() === 0) {
    empty.replaceChildren(...(search
      ? [h("p", { class: "empty-title" }, "Nobody of this name"), h("p", {}, `Press n to meet ${search}.`)]
      : folder === "main"
        ? [h("p", { class: "empty-title" }, "Main is empty"), h("p", {}, "Nobody is waiting for an agent.")]
        : [h("p", { class: "empty-title" }, "No conversations here"), h("p", {}, "A new person is one click away, or press n.")]));
  }
  list.render();
}

function summary(thread) {
  if (!thread) return undefined;
  const { person, last, owner, unread } = thread;
  const account = accountOf(thread);
  const who = last && last.by !== "person" ? `${appName(last.by)}: ` : "";
  return {
    key: person.id,
    name: person.name,
    at: last ? brief(last.at, now()) : "",
    preview: last ? who + (last.text || "Attachment") : "Has not written yet",
    unread,
    tone: account ? toneOf(owner?.id, account) : "nobody",
    owner: owner?.name ?? "Nobody",
    current: person.id === store.selected,
    instagram: account?.product === "instagram",
  };
}

function row({ name, at, preview, unread, tone, owner, current, instagram }) {
  return h("div", {
    class: `person-row tone-${tone}`, "aria-selected": String(current), "data-testid": "inbox-thread", "data-current": current,
    "aria-label": `${name}, with ${owner}${unread ? `, ${unread} unread` : ""}: ${preview}`,
  },
  h("span", { class: `avatar${instagram ? " instagram" : ""}` }, initial(name)),
  h("span", { class: "person-name" }, name),
  h("span", { class: "person-at" }, at),
  h("span", { class: "person-preview" }, preview),
  unread > 0 ? h("span", { class: "person-unread" }, unread) : h("span", { class: "person-dot", title: owner }));
}
