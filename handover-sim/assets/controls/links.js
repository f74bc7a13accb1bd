// Links with a ref, each bound to an app.

import { h } from "../lib/dom.js";
import { icon } from "../lib/icon.js";
import { appName, store } from "../state/store.js";

export function links({ id, product, routing }, change) {
  const bound = routing.links ?? {};
  const save = (next) => change({ routing: { ...routing, links: next } });
  const ref = h("input", { class: "field", placeholder: "ref", required: true, "aria-label": "ref of the link", "data-testid": `link-ref-${id}` });
  const app = h("select", { class: "select", "aria-label": "App of the link", "data-testid": `link-app-${id}` }, store.state.apps.map((each) => h("option", { value: each.id }, each.name)));
  return h("div", { class: "links" },
    h("p", { class: "setting-label" }, `Links (${product === "instagram" ? "ig.me" : "m.me"}?ref=…)`),
    h("ul", {}, Object.entries(bound).map(([name, to]) => h("li", {}, h("code", {}, name), h("span", {}, "→ ", appName(to)), h("button", {
      class: "button small icon-only quiet", type: "button", "aria-label": `Remove the link ${name}`,
      click: () => save(Object.fromEntries(Object.entries(bound).filter(([each]) => each !== name))),
    }, icon("trash"))))),
    h("form", {
      class: "row",
      submit: (event) => {
        event.preventDefault();
        save({ ...bound, [ref.value.trim()]: app.value });
      },
    }, ref, app, h("button", { class: "button small", "data-testid": `link-add-${id}` }, "Add")));
}
