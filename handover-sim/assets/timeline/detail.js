// Details of one row.

import { byId, h } from "../lib/dom.js";
import { clockMillis, plural, took } from "../lib/format.js";
import { copyButton } from "../lib/copy.js";
import { icon } from "../lib/icon.js";
import { block, pretty } from "../lib/json.js";
import { get, post } from "../state/api.js";
import { appName, store } from "../state/store.js";

let shown = null;
let hooks;
/** The curl command, once it is fetched. */
let curl = null;

export function startDetail(given) {
  hooks = given;
}

export const openRow = () => shown;

export function hideDetail() {
  if (shown === null) return;
  const within = byId("detail").contains(document.activeElement);
  shown = null;
  byId("detail").hidden = true;
  delete byId("timeline-split").dataset.open;
  hooks.closed();
  if (within) byId("timeline-list").focus();
}

/** Shows the row if it is another one or has changed. */
export async function refreshDetail(changed, open = shown) {
  const other = open !== shown;
  if (!other && !changed.some(({ id }) => id === shown)) return;
  shown = open;
  if (other) curl = null;
  const detail = await get(`/control/timeline/${open}`);
  if (open !== shown || !detail) return;
  const box = byId("detail");
  const top = other ? 0 : box.scrollTop;
  box.hidden = false;
  byId("timeline-split").dataset.open = "";
  box.replaceChildren(head(detail), body(detail));
  box.dataset.id = detail.id;
  box.scrollTop = top;
}

function head(row) {
  return h("header", { class: "detail-head" },
    h("p", { class: "detail-title", "data-testid": "detail-title" }, row.title),
    h("span", { class: `state ${row.state}` }, row.status ? `${row.status}` : row.state),
    h("div", { class: "detail-actions" },
      h("button", { class: "button small", type: "button", id: "detail-again", "data-testid": "detail-again", title: "Repeat the request (a)", disabled: !["webhook", "call"].includes(row.kind), click: () => again(row) }, "Send again"),
      h("button", { class: "button small", type: "button", id: "detail-curl", "data-testid": "detail-curl", title: "Copy as curl (u)", click: () => showCurl(row) }, "Copy as curl"),
      h("button", { class: "button small icon-only quiet", type: "button", "aria-label": "Close", title: "Close (Esc)", "data-testid": "detail-close", click: hideDetail }, icon("close"))));
}

async function again(row) {
  const answer = await post(`/control/timeline/${row.id}/again`);
  if (answer?.id) hooks.open(answer.id);
}

async function showCurl({ id }) {
  curl ??= await get(`/control/timeline/${id}/curl`);
  if (!curl || id !== shown) return;
  byId("detail-command").replaceChildren(section("As curl", curl, "detail-curl-text"));
  byId("detail-command").scrollIntoView({ block: "nearest" });
  navigator.clipboard?.writeText(curl).then(() => {
    byId("detail-curl").textContent = "Copied";
    setTimeout(() => { if (byId("detail-curl")) byId("detail-curl").textContent = "Copy as curl"; }, 1500);
  }, () => {});
}

function body(row) {
  return h("div", { class: "detail-body" },
    facts(row),
    h("div", { id: "detail-command" }, curl && section("As curl", curl, "detail-curl-text")),
    headers("Request headers", row.request_headers),
    row.request && section(row.kind === "webhook" ? "Request, byte for byte" : "Request", row.request, "detail-request"),
    headers("Response headers", row.response_headers),
    row.response ? section(row.status ? `Response ${row.status}` : "Response", row.response, "detail-response") : null);
}

function facts(row) {
  const person = store.threads.get(row.person)?.person.name;
  const code = (value) => h("code", {}, value);
  const given = [
    ["Row", `${row.id} · ${row.kind}`],
    ["Time", clockMillis(row.at)],
    ["App", row.app && [appName(row.app), " ", code(row.app)]],
    ["Person", row.person && [person ? `${person} ` : "", code(row.person)]],
    ["Request", code(`${row.method} ${row.url}`)],
    ["Channel", row.channel],
    ["Signature", row.signature && code(row.signature)],
    ["Attempts", row.attempts > 0 && plural(row.attempts, "attempt")],
    ["Took", row.millis !== null && row.millis !== undefined && took(row.millis)],
    ["Fault", row.fault && h("span", { class: "tag fault" }, row.fault)],
    ["Trouble", row.error && h("span", { class: "trouble", "data-testid": "detail-error" }, row.error)],
  ].filter(([, value]) => value);
  return h("dl", { class: "facts" }, given.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function headers(title, given) {
  const list = Array.isArray(given) ? given : Object.entries(given ?? {});
  if (list.length === 0) return null;
  return h("details", { class: "headers" }, h("summary", {}, `${title} (${list.length})`),
    h("dl", { class: "facts" }, list.map(([name, value]) => [h("dt", {}, name), h("dd", {}, h("code", {}, value))])));
}

function section(title, text, testid) {
  return h("section", { class: "block", "data-testid": testid },
    h("div", { class: "block-head" }, h("h3", {}, title), copyButton(() => pretty(text))), block(text));
}
