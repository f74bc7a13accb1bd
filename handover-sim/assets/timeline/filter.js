// Filter of the timeline.

import { byId, h, write } from "../lib/dom.js";
import { current, on, store } from "../state/store.js";

const SEARCH_AFTER = 200;

const HANDOVERS = ["pass", "take", "request", "release", "extend"].map((name) => `${name}_thread_control`).join();

let filter = { kind: "", title: "", person: "", app: "", state: "", search: "" };
let onlyPerson = false;
let tellOthers = () => {};

export function startFilter(changed) {
  tellOthers = changed;
  for (const button of document.querySelectorAll("[data-kind]")) {
    button.addEventListener("click", () => {
      for (const each of document.querySelectorAll("[data-kind]")) each.setAttribute("aria-pressed", each === button);
      set(kindOf(button.dataset.kind));
    });
  }
  for (const name of ["app", "state"]) {
    byId(`filter-${name}`).addEventListener("change", ({ target }) => set({ [name]: target.value }));
  }
  let later;
  byId("filter-search").addEventListener("input", ({ target }) => {
    clearTimeout(later);
    later = setTimeout(() => set({ search: target.value.trim() }), SEARCH_AFTER);
  });
  byId("filter-person").addEventListener("click", () => {
    onlyPerson = !onlyPerson;
    showPerson();
  });
  on("selected", showPerson);
  on("thread", showPerson);
  on("state", showApps);
}

/** Names of webhooks and calls of thread control. */
const kindOf = (kind) => (kind === "handover" ? { kind: "", title: HANDOVERS } : { kind, title: "" });

export const isFiltered = () => Object.values(filter).some((value) => value);

/** Resets the filter. */
export function clearFilter() {
  onlyPerson = false;
  for (const id of ["filter-search", "filter-app", "filter-state"]) byId(id).value = "";
  for (const each of document.querySelectorAll("[data-kind]")) each.setAttribute("aria-pressed", each.dataset.kind === "");
  showPerson();
  set({ ...kindOf(""), app: "", state: "", search: "" });
}

function set(more) {
  const next = { ...filter, ...more };
  if (JSON.stringify(next) === JSON.stringify(filter)) return;
  filter = next;
  tellOthers(filter);
}

function showPerson() {
  const button = byId("filter-person");
  button.setAttribute("aria-pressed", onlyPerson);
  write(button, `Only ${current()?.person.name ?? "this person"}`);
  set({ person: onlyPerson ? store.selected ?? "" : "" });
}

function showApps() {
  const options = [["", "Any app"], ...store.state.apps.map(({ id, name }) => [id, name])];
  const box = byId("filter-app");
  const signature = JSON.stringify(options);
  if (box.signature === signature) return;
  box.signature = signature;
  box.replaceChildren(...options.map(([id, name]) => h("option", { value: id, selected: id === filter.app }, name)));
}
