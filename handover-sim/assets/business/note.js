import { byId, h } from "../lib/dom.js";
import { parse } from "../lib/json.js";

/** The latest handover with metadata, which the agent sees first. */
export function showNote(entries) {
  const handover = entries.findLast((each) => each.entry === "handover" && each.metadata);
  const note = byId("inbox-note");
  const signature = JSON.stringify(handover);
  if (note.signature === signature) return;
  note.signature = signature;
  note.hidden = !handover;
  note.replaceChildren();
  if (!handover) return;
  const by = ["passed", "released"].includes(handover.kind) ? handover.from : handover.to;
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
