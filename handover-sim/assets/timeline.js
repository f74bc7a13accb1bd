// Webhooks and calls as they happen.

import { byId, clockSeconds, follow, h, icon } from "./dom.js";
import { block, parse, pretty } from "./json.js";

/** Rows on the page; older ones make room. */
const MOST = 500;

const rows = new Map();
let apps = [];
let persons = [];
let filter = "all";
let begun = false;
let scroll;

export function start() {
  const newest = byId("timeline-newest");
  scroll = follow(byId("timeline-scroll"), (away) => { newest.hidden = !away; });
  newest.addEventListener("click", scroll.toEnd);
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => {
      filter = button.dataset.filter;
      for (const each of document.querySelectorAll("[data-filter]")) {
        each.setAttribute("aria-pressed", each === button);
      }
      for (const row of rows.values()) row.hidden = !passes(row.item);
      scroll.toEnd();
    });
  }
}

export function clear() {
  for (const row of rows.values()) row.remove();
  rows.clear();
}

export function show(view) {
  apps = view.apps;
  persons = view.threads.map((thread) => thread.person);
  const list = byId("timeline");
  for (const item of view.timeline) {
    const known = rows.get(item.id);
    const row = known ?? newRow(item);
    if (!known) {
      row.classList.toggle("fresh", begun);
      list.append(row);
      rows.set(item.id, row);
    }
    row.update(item);
  }
  for (const [id, row] of rows) {
    if (rows.size <= MOST) break;
    row.remove();
    rows.delete(id);
  }
  byId("timeline-empty").hidden = rows.size > 0;
  scroll.settle();
  begun = true;
}

const isHandover = (item) => /^(pass|take|request|release|extend)_thread_control$/.test(item.title);

/** What comes with every message and is seldom looked for. */
const MINOR = new Set(["echo", "delivery", "read"]);

const passes = (item) =>
  filter === "all" || (filter === "handover" ? isHandover(item) : item.kind === filter);

/** A row whose `update` leaves its elements in place: somebody may be about to click them. */
function newRow({ id, kind, title, channel, at, app }) {
  const body = h("div", { class: "item-body", id: `item-${id}`, hidden: true });
  const what = h("span", { class: "item-gist" });
  const took = h("span", { class: "item-millis" });
  const result = h("span", { class: "item-status" });
  const head = h("button", {
    class: "item-head", type: "button", "aria-expanded": "false", "aria-controls": body.id,
    "data-testid": "timeline-item-head",
  },
  h("span", { class: "item-time" }, clockSeconds(at)),
  h("span", { class: "item-way", title: WAY[kind].title }, icon(WAY[kind].icon)),
  h("span", { class: "item-what" },
    h("span", { class: "item-title" }, title),
    channel === "standby" && h("span", { class: "item-channel" }, "standby"),
    bots().length > 1 && app && h("span", { class: "item-channel" }, nameOf(app)),
    what),
  h("span", { class: "item-result" }, took, result));
  const row = h("li", {
    class: "item", "data-testid": "timeline-item", "data-id": id, "data-kind": kind,
    "data-title": title, "data-channel": channel, "data-app-id": app,
    "data-handover": isHandover({ title }), "data-minor": MINOR.has(title),
  }, head, body);
  row.update = (item) => {
    row.item = item;
    row.hidden = !passes(item);
    row.dataset.state = item.state;
    what.textContent = gist(item);
    took.textContent = item.millis === null ? "" : millis(item.millis);
    result.textContent = status(item);
    if (!body.hidden) body.replaceChildren(...details(item));
  };
  head.addEventListener("click", () => {
    body.hidden = !body.hidden;
    head.setAttribute("aria-expanded", !body.hidden);
    body.replaceChildren(...(body.hidden ? [] : details(row.item)));
    if (!body.hidden) row.scrollIntoView({ block: "nearest" });
  });
  return row;
}

const WAY = {
  webhook: { icon: "toApp", title: "Webhook to the app" },
  call: { icon: "fromApp", title: "Call by the app" },
  verification: { icon: "check", title: "Verification of the webhook" },
};

const bots = () => apps.filter((app) => app.subscribed);
const nameOf = (id) => apps.find((app) => app.id === String(id))?.name ?? String(id);

const millis = (value) => (value < 1 ? "<1 ms" : value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);

function status(item) {
  if (item.status) return String(item.status);
  return item.state === "failed" ? "failed" : item.attempts ? `try ${item.attempts + 1}` : "…";
}

/** What a row is about, in a few words. */
function gist(item) {
  if (item.error && item.state !== "succeeded") return item.error;
  if (item.kind === "verification") return nameOf(item.app);
  const refusal = item.kind === "call" && item.state === "failed" && parse(item.response)?.error;
  if (refusal) return refusal.message;
  const request = item.request ? parse(item.request) : undefined;
  const entry = request?.entry?.[0];
  const about = entry ? (entry.messaging ?? entry.standby)?.[0] : withObjects(request);
  if (!about) return "";
  const message = about.message;
  if (message) return message.text ?? kindOf(message.attachment ?? message.attachments?.[0]);
  if (about.postback) return [about.postback.title, about.postback.payload].filter(Boolean).join(" · ");
  if (about.sender_action) return about.sender_action;
  const change = about.pass_thread_control ?? about.take_thread_control ?? about.request_thread_control;
  const target = about.target_app_id ?? (about.pass_thread_control ? null : change?.new_owner_app_id);
  const from = about.pass_thread_control?.previous_owner_app_id ?? about.request_thread_control?.requested_owner_app_id;
  const metadata = about.metadata ?? change?.metadata;
  return [from && `from ${nameOf(from)}`, target && `to ${nameOf(target)}`, metadata].filter(Boolean).join(" · ");
}

/** Form fields hold objects as text. */
function withObjects(request) {
  if (!request) return undefined;
  const message = typeof request.message === "string" ? parse(request.message) : request.message;
  return { ...request, message };
}

const kindOf = (attachment) => attachment && `${attachment.type}${attachment.payload?.template_type ? ` · ${attachment.payload.template_type}` : ""}`;

function details(item) {
  const facts = [
    ["app", item.app && `${nameOf(item.app)} (${item.app})`],
    ["person", item.person && `${persons.find((each) => each.id === item.person)?.name ?? "unknown"} (${item.person})`],
    ["request", h("code", {}, `${item.method} ${item.url}`)],
    ["channel", item.channel],
    ["X-Hub-Signature-256", item.signature && h("code", {}, item.signature)],
    ["attempts", item.attempts > 1 && String(item.attempts)],
    ["took", item.millis !== null && `${item.millis.toFixed(1)} ms`],
    ["trouble", item.error && h("span", { class: "trouble" }, item.error)],
  ].filter(([, value]) => value);
  return [
    h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    item.request && section(item.kind === "webhook" ? "Request, as sent" : "Parameters", item.request),
    item.response && section(item.status ? `Response ${item.status}` : "Response", item.response),
  ].filter(Boolean);
}

function section(title, text) {
  const copy = h("button", { class: "button quiet", type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(pretty(text));
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  });
  return h("div", {}, h("div", { class: "block-head" }, h("span", {}, title), copy), block(text));
}
