// A conversation that somebody shared: it is shown in place of the simulator's, and cannot be changed.

import { threadPath } from "./live.js";

const KEY = "shared";
/** Of the file's form. */
export const VERSION = 1;

/** `{state, thread, entries, rows, details, scenario}`; null if the page shows its own simulator. */
let opened = null;

export const shared = () => opened;

/** Reads what a link or a file brought, before anything else starts. */
export async function startShared() {
  // A link that is opened where the page is already shown.
  addEventListener("hashchange", (event) => {
    if (!location.hash.startsWith("#share=")) return;
    event.stopImmediatePropagation();
    location.reload();
  });
  const packed = /^#share=([\w-]+)/.exec(location.hash)?.[1];
  if (packed) {
    history.replaceState(null, "", location.pathname);
    try {
      keep(await unpack(packed));
    } catch {
      return "The link is damaged: ask for the file instead.";
    }
  }
  const kept = sessionStorage.getItem(KEY);
  opened = kept && JSON.parse(kept);
  return undefined;
}

/** Keeps a file and shows it; gives what is wrong with it, if so. */
export function openShared(text) {
  try {
    keep(JSON.parse(text));
  } catch (error) {
    return error instanceof SharedError ? error.message : "This is not a conversation that was shared from a simulator.";
  }
  location.hash = "";
  location.reload();
  return undefined;
}

export function closeShared() {
  sessionStorage.removeItem(KEY);
  location.hash = "";
  location.reload();
}

class SharedError extends Error {}

function keep(given) {
  if (typeof given?.handover_sim !== "number" || !given.thread?.person?.id || !Array.isArray(given.rows)) throw new Error("no conversation");
  if (given.handover_sim > VERSION) throw new SharedError("A newer simulator wrote this file: update this one.");
  try {
    sessionStorage.setItem(KEY, JSON.stringify(given));
  } catch {
    throw new SharedError("The conversation is too large for this browser.");
  }
}

/** What the control API would answer; undefined if that was not shared. */
export function answerShared(path) {
  const { pathname, searchParams } = new URL(path, location.origin);
  const query = Object.fromEntries(searchParams);
  const parts = pathname.split("/").slice(2).map(decodeURIComponent);
  if (pathname === threadPath(opened.thread.person.id)) return { thread: opened.thread, entries: opened.entries, from: 0 };
  if (parts[0] === "threads" && parts[2] === "scenario") return opened.scenario;
  if (parts[0] === "threads" && parts.length === 1) return { threads: [opened.thread].filter((thread) => isWanted(thread, query)), next: null };
  if (parts[0] === "timeline" && parts.length === 2) return opened.details[parts[1]];
  if (parts[0] === "timeline" && parts.length === 1) return timeline(query);
  return undefined;
}

const isWanted = ({ account, folder, person }, { account: of, folder: within, search }) => (!of || of === account)
  && (!within || within === folder)
  && (!search || `${person.name} ${person.id}`.toLowerCase().includes(search.toLowerCase()));

function timeline({ kind, title, app, state, search, before, limit }) {
  const sought = search?.toLowerCase();
  const fits = (row) => (!kind || row.kind === kind)
    && (!title || title.split(",").includes(row.title))
    && (!app || row.app === app)
    && (!state || row.state === state)
    && (!sought || JSON.stringify(opened.details[row.id] ?? row).toLowerCase().includes(sought))
    && (!before || row.id < Number(before));
  const found = opened.rows.filter(fits);
  const rows = found.slice(0, Number(limit ?? 100));
  return { rows, next: found.length > rows.length ? String(rows.at(-1).id) : null };
}

export async function pack(given) {
  const stream = new Blob([JSON.stringify(given)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}
