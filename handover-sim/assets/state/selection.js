// Which thread is shown. It is in the address, so that a reload finds it again.

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

/** The newest threads come by themselves; this may be an older one. */
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

/** Puts the entries before those that are shown in front of them. */
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
