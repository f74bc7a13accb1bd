// Stream of server-sent events. It survives restarts of the simulator.

import { connection } from "../shell/connection.js";
import { exists } from "./api.js";
import { select } from "./selection.js";
import { shared } from "./shared.js";
import { on, store, tell } from "./store.js";

const AGAIN_AFTER = 1000;

let source;

export function listen() {
  if (shared()) {
    showShared(shared());
    return;
  }
  open();
  on("selected", open);
}

/** What a stream would bring, once. */
function showShared({ state: known, thread, entries: said, rows: found }) {
  connection("shared");
  store.selected = thread.person.id;
  store.threads.set(thread.person.id, thread);
  state(known);
  tell("selected");
  tell("threads", [thread]);
  entries({ person: thread.person.id, from: 0, entries: said });
  tell("rows", { rows: found, last: found.length });
}

function open() {
  source?.close();
  const person = store.selected;
  source = new EventSource(`/control/events${person ? `?person=${encodeURIComponent(person)}` : ""}`);
  source.addEventListener("open", () => connection("live"));
  source.addEventListener("error", ({ target }) => {
    if (target !== source) return;
    connection("lost");
    // The browser reconnects by itself, but not after an unexpected response.
    if (target.readyState === EventSource.CLOSED) setTimeout(() => target === source && reopen(), AGAIN_AFTER);
  });
  for (const [name, take] of Object.entries({ state, threads, entries, rows })) {
    source.addEventListener(name, ({ data }) => take(JSON.parse(data)));
  }
}

/** After a restart, the simulator may not know the person. */
async function reopen() {
  const known = !store.selected || await exists(threadPath(store.selected));
  if (known === false) forget();
  else open();
}

function forget() {
  store.threads.delete(store.selected);
  select(null);
}

function state(next) {
  const other = store.state && store.state.epoch !== next.epoch;
  store.state = next;
  store.skew = next.now - Date.now();
  if (other) {
    store.threads.clear();
    store.entries = [];
    tell("epoch");
  }
  tell("state");
  if (other && store.selected) reopen();
}

function threads({ threads: changed }) {
  for (const thread of changed) store.threads.set(thread.person.id, thread);
  tell("threads", changed);
  if (!store.selected && changed.length > 0) select(changed[0].person.id);
  else if (changed.some(({ person }) => person.id === store.selected)) tell("thread");
}

function entries({ person, from, entries: changed }) {
  if (person !== store.selected) return;
  store.entries = merged(store.entries, from, changed);
  tell("thread");
}

/** Merges entries by index. After a gap, keeps only the newer ones. */
function merged(known, from, changed) {
  const last = known.at(-1)?.index ?? -1;
  if (known.length > 0 && from > last + 1) return changed;
  const byIndex = new Map(known.map((entry) => [entry.index, entry]));
  for (const entry of changed) byIndex.set(entry.index, entry);
  return [...byIndex.values()].sort((a, b) => a.index - b.index);
}

function rows(news) {
  tell("rows", news);
}

export const threadPath = (person) => `/control/threads/${encodeURIComponent(person)}`;
