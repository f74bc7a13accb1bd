// Other actions of the person: attach, open a link, click an ad.

import { byId, h } from "../lib/dom.js";
import { icon } from "../lib/icon.js";
import { menuAt, openAt } from "../lib/popover.js";
import { act, patch } from "../state/api.js";
import { accountOf, current, store } from "../state/store.js";

const SAMPLES = {
  image: "https://example.com/photo.jpg",
  audio: "https://example.com/voice.mp4",
  video: "https://example.com/clip.mp4",
  file: "https://example.com/invoice.pdf",
};

export const LOCALES = ["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "pt_BR", "it_IT", "tr_TR", "ar_AR", "hi_IN", "ja_JP", "th_TH", "zh_CN"];

export function startMore() {
  const button = byId("phone-more");
  button.append(icon("plus"));
  button.addEventListener("click", () => menuAt(button, "More", entries(button)));
}

function entries(button) {
  const account = accountOf(current());
  if (!account) return [];
  const host = account.product === "instagram" ? "ig.me" : "m.me";
  const attach = Object.entries(SAMPLES).map(([type, url]) => ({
    label: `Send ${{ image: "an image", audio: "audio", video: "a video", file: "a file" }[type]}…`, icon: type, testid: `attach-${type}`,
    run: () => ask(button, `Send ${type}`, [{ name: "url", label: "Address", value: url, type: "url" }], "Send",
      (fields) => act("attach", { person: store.selected, type, ...fields })),
  }));
  const link = {
    label: `Open a link (${host})…`, icon: "link", testid: "open-link",
    run: () => ask(button, `Open https://${host}/…?ref=`, [{ name: "ref", label: "ref", value: Object.keys(account.routing.links ?? {})[0] ?? "", options: Object.keys(account.routing.links ?? {}) }], "Open",
      (fields) => act("open_link", { person: store.selected, ...fields })),
  };
  const ads = (account.ads ?? []).flatMap(({ id, title }) => [
    { label: `Click the ad “${title ?? id}”`, icon: "ad", testid: "click-ad", run: () => act("click_ad", { person: store.selected, ad: id }) },
    { label: `Lead ad “${title ?? id}”: start its questions`, icon: "ad", testid: "lead-ad", run: () => act("lead_ad", { person: store.selected, ad: id }) },
  ]);
  const lead = inLeadFlow() ? [true, false].map((complete) => ({
    label: complete ? "Answer the lead ad's questions" : "Leave the lead ad's questions", icon: "check",
    run: () => act("lead_ad_complete", { person: store.selected, complete }),
  })) : [];
  const own = account.product === "instagram" ? {
    label: "Answer a story…", icon: "image", testid: "story-reply",
    run: () => ask(button, "Answer a story", [{ name: "story", label: "Address of the story", value: SAMPLES.image, type: "url" }, { name: "text", label: "Text", value: "Lovely!" }], "Send",
      (fields) => act("reply_to_story", { person: store.selected, ...fields })),
  } : {
    label: "Tick the box on a web page…", icon: "check", testid: "tick-box",
    run: () => ask(button, "Tick the checkbox plugin", [{ name: "user_ref", label: "user_ref", value: "visitor-1" }, { name: "ref", label: "ref", value: "", optional: true }], "Tick",
      ({ ref, ...fields }) => act("tick_box", { person: store.selected, ...fields, ref: ref || undefined })),
  };
  const places = account.product === "instagram"
    ? [["comment", "Comment on a post"], ["comment", "Comment on a boosted post", { on_ad: true }]]
    : [["comment", "Comment on a post"], ["post", "Post on the Page"]];
  const elsewhere = places.map(([name, label, more = {}]) => ({
    label: `${label}…`, icon: "list", testid: more.on_ad ? "comment-on-ad" : name,
    run: () => ask(button, label, [{ name: "text", label: "Text", value: "Nice!" }], "Send", (fields) => act(name, { person: store.selected, ...more, ...fields })),
  }));
  const profile = { label: "Name, language, time zone…", icon: "people", testid: "profile", run: () => openProfile(button) };
  const deletion = account.product === "instagram" ? [] : [{
    label: "Ask for deletion of their data", icon: "people", testid: "data-deletion",
    run: () => act("request_data_deletion", { person: store.selected }),
  }];
  return [...attach, link, own, ...elsewhere, ...ads, ...lead, profile, ...deletion];
}

function openProfile(button) {
  const { person, locale, timezone } = current();
  ask(button, `Profile of ${person.name}`, [
    { name: "name", label: "Name", value: person.name },
    { name: "locale", label: "Language and country", value: locale, options: LOCALES },
    { name: "timezone", label: "Hours from UTC", value: timezone, type: "number", min: -12, max: 14, step: 0.25 },
  ], "Save", ({ timezone: hours, ...fields }) => patch(`/control/persons/${person.id}`, { ...fields, timezone: Number(hours) }));
}

const LEADGEN = "413038776280800";
const inLeadFlow = () => current()?.owner?.id === LEADGEN;

/** A small form at the button, with `above` over its fields. */
export function ask(anchor, title, fields, label, send, above) {
  const inputs = fields.map(({ name, value, type = "text", options = [], optional = false, min, max, step }) => {
    const list = `options-${name}`;
    return [name, h("input", { class: "field", value, type, min, max, step, required: !optional, list: options.length > 0 && list, "data-testid": `ask-${name}` }),
      h("datalist", { id: list }, options.map((option) => h("option", { value: option })))];
  });
  const form = h("form", {
    class: "form",
    submit: (event) => {
      event.preventDefault();
      popover.close();
      send(Object.fromEntries(inputs.map(([name, input]) => [name, input.value.trim()])));
    },
  }, h("h3", {}, title), above,
  inputs.map(([, input, options], at) => h("label", {}, h("span", {}, fields[at].label), input, options)),
  h("button", { class: "button primary", "data-testid": "ask-send" }, label));
  const popover = openAt(anchor, form, { label: title });
}
