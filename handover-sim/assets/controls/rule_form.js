// Form for a new fault rule.

import { h } from "../lib/dom.js";
import { store } from "../state/store.js";
import { FAULTS, KINDS, faultOf } from "./fault_kinds.js";

function parameter({ name, label, optional, type, ...field }) {
  const testid = `fault-${name}`;
  if (type === "checkbox") {
    return h("label", { class: "check whole" }, h("input", { type, name, "data-testid": testid }), h("span", {}, label));
  }
  return h("label", {}, h("span", {}, label), h("input", { class: "field", name, type, required: !optional, "data-testid": testid, ...field }));
}

export function ruleForm(add) {
  const on = h("select", { class: "select", "data-testid": "fault-on" },
    h("option", { value: "call" }, "Calls of the bot"), h("option", { value: "webhook" }, "Webhooks to the bot"));
  const app = h("select", { class: "select", "data-testid": "fault-app" }, h("option", { value: "" }, "Any app"),
    store.state.apps.filter((each) => !each.inbox).map(({ id, name }) => h("option", { value: id }, name)));
  const kinds = h("datalist", { id: "fault-kinds" });
  const kind = h("input", { class: "field", list: "fault-kinds", placeholder: "Any kind", "data-testid": "fault-kind" });
  const fault = h("select", { class: "select", "data-testid": "fault-fault" });
  const parameters = h("div", { class: "fields" });
  const chance = h("input", { class: "field", type: "number", min: 1, max: 100, value: 100, required: true, "data-testid": "fault-chance" });
  const times = h("input", { class: "field", type: "number", min: 1, placeholder: "Always", "data-testid": "fault-times" });

  function showKinds() {
    kinds.replaceChildren(...KINDS[on.value].map((each) => h("option", { value: each })));
    fault.replaceChildren(...Object.entries(FAULTS[on.value]).map(([name, { label }]) => h("option", { value: name }, label)));
    kind.value = "";
    showParameters();
  }

  function showParameters() {
    const { fields, presets } = FAULTS[on.value][fault.value];
    parameters.replaceChildren(...[presets && presetList(presets), ...fields.map(parameter)].filter(Boolean));
  }

  function presetList(presets) {
    const list = h("select", { class: "select", "data-testid": "fault-preset" }, Object.keys(presets).map((name) => h("option", { value: name }, name)));
    list.addEventListener("change", () => {
      for (const [name, value] of Object.entries(presets[list.value])) {
        const input = parameters.querySelector(`[name=${name}]`);
        if (input.type === "checkbox") input.checked = value;
        else input.value = value;
      }
    });
    return h("label", { class: "whole" }, h("span", {}, "Which"), list);
  }

  function given() {
    const filled = [...parameters.querySelectorAll("input")].filter((input) => (input.type === "checkbox" ? input.checked : input.value !== ""));
    return Object.fromEntries(filled.map((input) => [input.name, { number: Number(input.value), checkbox: true }[input.type] ?? input.value]));
  }

  on.addEventListener("change", showKinds);
  fault.addEventListener("change", showParameters);
  showKinds();

  return h("form", {
    class: "form boxed",
    submit: (event) => {
      event.preventDefault();
      add({
        on: on.value,
        ...(app.value && { app: app.value }),
        ...(kind.value.trim() && { kind: kind.value.trim() }),
        fault: faultOf(fault.value, given()),
        chance: Number(chance.value) / 100,
        ...(times.value && { times: Number(times.value) }),
      });
    },
  }, h("h3", {}, "New fault"),
  h("div", { class: "fields" },
    h("label", {}, h("span", {}, "What fails"), on),
    h("label", {}, h("span", {}, "App"), app),
    h("label", {}, h("span", {}, "Kind"), kind, kinds),
    h("label", {}, h("span", {}, "How"), fault)),
  parameters,
  h("div", { class: "fields" },
    h("label", {}, h("span", {}, "Chance in %"), chance),
    h("label", {}, h("span", {}, "How many times"), times)),
  h("button", { class: "button primary", "data-testid": "fault-add" }, "Add fault"));
}
