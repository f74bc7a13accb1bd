// The selected thread. It is in the URL, so that a reload keeps it.

import { get } from "./api.js";
import { threadPath } from "./live.js";
import { on, store, tell } from "./store.js";

export function startSelection() {
  store.selected = fromAddress();
  window.addEventListener("hashchange", () => select(fromAddress()));
  on("state", load);
}

export function select(person) {
  if (person === store.selected) return;
  store.selected = person;
  store.entries = [];
  history.replaceState(null, "", person ? `#${person}` : location.pathname);
  tell("selected");
  load();
  tell("thread");
}

/** Fetches the thread, which may not be among the newest ones. */
async function load() {
  const person = store.selected;
  if (!person || !store.state || store.threads.has(person)) return;
  const answer = await get(threadPath(person), { limit: 1 });
  if (answer && !store.threads.has(person)) {
    store.threads.set(person, answer.thread);
    tell("thread");
  } else if (!answer && person === store.selected) {
    select(null);
  }
}

/** Prepends older entries. */
export async function loadEarlier() {
  const person = store.selected;
  const before = store.entries[0]?.index;
  if (!before) return;
  const answer = await get(threadPath(person), { before, limit: 100 });
  if (!answer || person !== store.selected || store.entries[0]?.index !== before) return;
  store.entries = [...answer.entries, ...store.entries];
  tell("thread");
}

const fromAddress = () => decodeURIComponent(location.hash.slice(1)) || null;
