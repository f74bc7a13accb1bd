// The Page Inbox, where people answer.

import { attachment } from "./attachment.js";
import { bubbles, moment, reaction } from "./chat.js";
import { act } from "./desk.js";
import { byId, clock, follow, h, initial, reconcile } from "./dom.js";
import { parse } from "./json.js";
import { PAGE_INBOX } from "./owner.js";

let person;
let folder = "main";
let again = () => {};
let scroll;

export function start(select) {
  scroll = follow(byId("inbox-scroll"));
  const input = byId("inbox-input");
  const reply = byId("inbox-reply");
  input.addEventListener("input", () => { reply.disabled = !input.value.trim(); });
  byId("inbox-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    reply.disabled = true;
    await act("inbox_reply", { person, text });
  });
  for (const name of ["done", "take", "request"]) {
    byId(`inbox-${name}`).addEventListener("click", () => act(`inbox_${name}`, { person }));
  }
  for (const name of ["main", "done"]) {
    byId(`inbox-folder-${name}`).addEventListener("click", () => {
      folder = name;
      again();
    });
  }
  byId("inbox-threads").addEventListener("click", (event) => {
    const row = event.target.closest("[data-person]");
    if (row) select(row.dataset.person);
  });
}

export function show(view, thread) {
  again = () => show(view, thread);
  const other = person !== thread.person.id;
  person = thread.person.id;
  const begun = view.threads.filter((each) => each.lines.length > 0);
  const inFolder = (name) => begun.filter((each) => each.folder === name);
  showFolders(inFolder);
  const here = inFolder(folder).sort((a, b) => b.lines.at(-1).at - a.lines.at(-1).at);
  reconcile(byId("inbox-threads"), here.map(summary), threadRow);
  byId("inbox-threads-empty").textContent = begun.length > 0 && here.length === 0
    ? (folder === "main" ? "Main is empty: nobody is waiting for a person." : "Done is empty.")
    : "";

  const has = thread.lines.length > 0;
  byId("inbox-conversation").hidden = !has;
  byId("inbox-empty").hidden = begun.length > 0;
  if (has) showConversation(thread, other);
}

function showFolders(inFolder) {
  for (const name of ["main", "done"]) {
    const count = inFolder(name).length;
    byId(`inbox-folder-${name}`).setAttribute("aria-pressed", name === folder);
    const badge = byId(`inbox-count-${name}`);
    badge.textContent = count || "";
    badge.classList.toggle("waiting", name === "main" && count > 0);
  }
}

function summary(thread) {
  const last = thread.lines.at(-1);
  const message = thread.lines.filter((line) => line.line === "message").at(-1);
  return {
    key: thread.person.id,
    name: thread.person.name,
    at: last.at,
    preview: message ? `${message.app ? `${message.app.name}: ` : ""}${message.text ?? "Attachment"}` : change(last),
    current: thread.person.id === person,
  };
}

function threadRow({ key, name, at, preview, current }) {
  return h("li", {}, h("button", {
    class: "thread", type: "button", "data-person": key, "data-testid": "inbox-thread", "aria-current": current,
  },
  h("span", { class: "avatar", "aria-hidden": "true" }, initial(name)),
  h("span", { class: "thread-name" }, name),
  h("span", { class: "thread-time" }, clock(at)),
  h("span", { class: "thread-preview" }, preview)));
}

function showConversation(thread, other) {
  const owns = thread.owner?.id === PAGE_INBOX;
  const name = thread.person.name;
  byId("inbox-name").textContent = name;
  byId("inbox-avatar").textContent = initial(name);
  byId("inbox-state").textContent = owns ? "Yours to answer"
    : thread.requested ? `Asked ${thread.owner?.name ?? "the owner"} for control`
    : thread.owner ? `${thread.owner.name} is answering` : "Nobody is answering";
  byId("inbox-done").hidden = !owns;
  byId("inbox-take").hidden = owns;
  byId("inbox-request").hidden = owns;
  byId("inbox-request").disabled = thread.requested;
  byId("inbox-input").placeholder = owns || !thread.owner ? `Reply to ${name}` : "Replying takes control";
  showNote(thread);

  reconcile(byId("inbox-messages"), lines(thread), line);
  if (other) scroll.toEnd();
  else scroll.settle();
}

/** The latest handover that brought a note, for the agent to read first. */
function showNote(thread) {
  const handover = thread.lines.filter((each) => each.line === "handover" && each.metadata).at(-1);
  const note = byId("inbox-note");
  note.hidden = !handover;
  note.replaceChildren();
  if (!handover) return;
  const by = handover.kind === "passed" || handover.kind === "released" ? handover.from : handover.to;
  note.append(h("p", { class: "note-head" }, `Note from ${by?.name ?? "an app"}`), ...metadata(handover.metadata));
}

function metadata(text) {
  const value = parse(text);
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return [h("p", { class: "note-text" }, text)];
  }
  return [h("dl", {}, facts(value).map(([name, each]) => [h("dt", {}, name), h("dd", {}, each)]))];
}

/** The leaves of a JSON object with their paths. */
function facts(value, path = []) {
  return Object.entries(value).flatMap(([name, each]) => {
    const here = [...path, name];
    if (each !== null && typeof each === "object" && !Array.isArray(each)) return facts(each, here);
    return [[here.join(" › "), typeof each === "string" ? each : JSON.stringify(each)]];
  });
}

/** Messages and changes of control; below the newest answer, whether it has been read. */
function lines(thread) {
  const shown = bubbles(thread.lines, (message) => Boolean(message.app));
  const last = shown.findLast((each) => each.mid);
  if (last?.app) last.receipt = last.read ? "Read" : "Delivered";
  return shown;
}

function line(item) {
  if (item.moment) return moment(item.moment);
  if (item.line === "handover") return h("li", { class: "change", "data-testid": "inbox-change" }, h("span", {}, change(item)));
  const byApp = item.app && item.app.id !== PAGE_INBOX;
  return h("li", {
    class: `${item.mine ? "mine" : "theirs"}${item.turn ? " turn" : ""}${byApp ? " by-app" : ""}`,
    "data-testid": item.app ? "inbox-bubble-page" : "inbox-bubble-person",
  },
  item.turn && item.app && h("p", { class: "byline" }, byApp ? item.app.name : "You"),
  item.text && h("div", { class: "bubble" }, item.text),
  item.attachment && attachment(item.attachment),
  reaction(item),
  item.receipt && h("p", { class: "receipt" }, item.receipt));
}

function change({ kind, from, to }) {
  const [before, now] = [from?.name ?? "nobody", to?.name ?? "nobody"];
  return {
    routed: `${now} has the conversation`,
    passed: from ? `${before} passed to ${now}` : `Passed to ${now}`,
    taken: from ? `${now} took over from ${before}` : `${now} took over`,
    requested: `${now} asked ${before} for control`,
    released: `${before} released the conversation`,
    expired: `${before}'s time ran out`,
  }[kind];
}
