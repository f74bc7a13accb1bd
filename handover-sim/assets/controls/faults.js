// Fault rules and seed.

import { h } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { icon } from "../lib/icon.js";
import { put } from "../state/api.js";
import { appName, store } from "../state/store.js";
import { reads } from "./fault_kinds.js";
import { ruleForm } from "./rule_form.js";

/** Renders the drawer, and keeps text that is being typed. */
export function faults(body) {
  if (!body.firstChild) {
    body.append(
      h("p", { class: "hint" }, "A rule applies its fault to each webhook or call that it matches. The same seed gives the same faults."),
      h("ul", { class: "rules", "data-testid": "fault-rules" }),
      ruleForm((rule) => save([...store.state.faults.rules, { id: unused(), ...rule }])),
      seedForm());
  }
  const { rules, seed } = store.state.faults;
  const list = body.querySelector(".rules");
  const signature = JSON.stringify(rules);
  if (list.signature !== signature) {
    list.signature = signature;
    list.replaceChildren(...rules.map(rule));
    if (rules.length === 0) list.append(h("li", { class: "rules-none" }, "No faults"));
  }
  const field = body.querySelector("[name=seed]");
  if (document.activeElement !== field) field.value = seed ?? "";
}

const save = (rules, seed = store.state.faults.seed) =>
  put("/control/faults", { seed, rules: rules.map(({ fired, ...rule }) => rule) });

const unused = () => 1 + Math.max(0, ...store.state.faults.rules.map(({ id }) => id));

function rule(each) {
  const { app, on, kind, fault, chance, times, fired = 0 } = each;
  const what = `${on === "webhook" ? "Webhooks" : "Calls"}${kind ? ` ${kind}` : ""}`;
  const whose = app ? `${on === "webhook" ? "to" : "by"} ${appName(app)}` : "of any app";
  const often = [
    chance === undefined || chance === null || chance >= 1 ? "always" : `${Math.round(chance * 100)} % of them`,
    times !== undefined && times !== null && `at most ${plural(times, "time")}`,
    fired > 0 && `struck ${plural(fired, "time")}`,
  ].filter(Boolean).join(", ");
  return h("li", { class: "rule", "data-testid": "fault-rule", "data-done": fired >= (times ?? Infinity) },
    h("span", { class: "rule-icon" }, icon("fault")),
    h("div", { class: "rule-text" }, h("p", { class: "rule-what" }, reads(on, fault)), h("p", { class: "rule-where" }, `${what} ${whose}, ${often}`)),
    h("button", {
      class: "button small icon-only quiet", type: "button", "aria-label": `Remove: ${reads(on, fault)}`, title: "Remove", "data-testid": "fault-remove",
      click: () => save(store.state.faults.rules.filter(({ id }) => id !== each.id)),
    }, icon("trash")));
}

function seedForm() {
  const seed = h("input", { class: "field short", name: "seed", type: "number", min: 0, "data-testid": "fault-seed" });
  return h("form", {
    class: "inline-form",
    submit: (event) => {
      event.preventDefault();
      save(store.state.faults.rules, Number(seed.value));
    },
  }, h("label", {}, h("span", {}, "Seed"), seed), h("button", { class: "button small" }, "Play from it"));
}
