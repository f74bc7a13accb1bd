// Shares a conversation with its timeline: as a link, or as a file that another simulator opens.

import { byId, h } from "../lib/dom.js";
import { copyButton } from "../lib/copy.js";
import { plural } from "../lib/format.js";
import { modal } from "../lib/modal.js";
import { toast } from "../shell/toast.js";
import { get } from "../state/api.js";
import { threadPath } from "../state/live.js";
import { closeShared, openShared, pack, shared, VERSION } from "../state/shared.js";
import { current, store } from "../state/store.js";

const ENTRIES = 500;
const ROWS = 500;
/** Longer links are cut by chats and trackers. */
const LONGEST_LINK = 30_000;
/** How many details are fetched at once. */
const AT_ONCE = 8;

export function startShare() {
  byId("share").addEventListener("click", showShare);
  byId("shared-close").addEventListener("click", closeShared);
  byId("shared").hidden = !shared();
  if (shared()) byId("shared-what").textContent = `${shared().thread.person.name}'s conversation, shared ${new Date(shared().shared_at).toLocaleString()}`;
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    read(event.dataTransfer.files[0]);
  });
}

async function read(file) {
  const problem = file && openShared(await file.text());
  if (!problem) return;
  document.querySelector("dialog[open]")?.close();
  toast(problem);
}

async function showShare() {
  const given = current() && await gather(current().person.id);
  const file = h("input", { type: "file", accept: ".json,application/json", class: "visually-hidden", "data-testid": "share-file" });
  file.addEventListener("change", () => read(file.files[0]));
  const open = h("label", { class: "button small" }, "Open a file", file);
  if (!given) {
    modal("Share", h("p", { class: "hint" }, "There is no conversation yet."), open);
    return;
  }
  const { name } = given.thread.person;
  const link = `${location.origin}/#share=${await pack(given)}`;
  const text = JSON.stringify(given, null, 1);
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const saved = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "_") || "conversation"}.json`;
  const box = modal(`Share ${name}'s conversation`,
    h("p", {}, `${plural(given.entries.length, "entry", "entries")} and ${plural(given.rows.length, "row")} of the timeline, with every webhook and call. Another simulator opens it: drop the file on its page, or open the link there.`),
    h("p", { class: "hint" }, "Access tokens and the app's secret are not in it. What the person and the bot wrote is."),
    h("div", { class: "row share-ways" },
      h("a", { class: "button small primary", href: address, download: saved, "data-testid": "share-download" }, `Download ${saved}`),
      link.length <= LONGEST_LINK && copyButton(() => link, "Copy link", { class: "button small", "data-testid": "share-link", "data-link": link }),
      open),
    link.length > LONGEST_LINK && h("p", { class: "hint" }, "It is too long for a link."));
  box.addEventListener("close", () => URL.revokeObjectURL(address));
}

/** The newest part of a conversation, with rows that are numbered without gaps. */
async function gather(person) {
  const [thread, timeline, scenario] = await Promise.all([
    get(threadPath(person), { limit: ENTRIES }),
    get("/control/timeline", { person, limit: ROWS }),
    get(`${threadPath(person)}/scenario`),
  ]);
  if (!thread || !timeline) return undefined;
  const found = timeline.rows;
  const fetched = new Array(found.length);
  for (let at = 0; at < found.length; at += AT_ONCE) {
    const some = found.slice(at, at + AT_ONCE);
    const details = await Promise.all(some.map(({ id }) => get(`/control/timeline/${id}`)));
    details.forEach((detail, index) => { fetched[at + index] = detail; });
  }
  const number = (index) => found.length - index;
  const rows = found.map((row, index) => ({ ...row, id: number(index) }));
  const details = Object.fromEntries(fetched.map((detail, index) => [number(index), { ...detail, id: number(index) }]));
  const state = { ...store.state, now: store.state.now, timeline: { first: 1, last: rows.length } };
  return { handover_sim: VERSION, shared_at: Date.now(), state, ...thread, rows, details, scenario };
}
