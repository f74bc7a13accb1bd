// The platform's clock, which can be advanced.

import { byId, h, write } from "../lib/dom.js";
import { clock, day, span } from "../lib/format.js";
import { icon } from "../lib/icon.js";
import { openAt } from "../lib/popover.js";
import { post } from "../state/api.js";
import { now, on, store } from "../state/store.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const JUMPS = [["10 min", 10 * MINUTE], ["1 h", HOUR], ["25 h", 25 * HOUR], ["7 d", 7 * 24 * HOUR]];
const UNITS = [["minutes", MINUTE], ["hours", HOUR], ["days", 24 * HOUR]];

export function startClock() {
  const button = byId("clock-open");
  button.append(icon("clock"), h("span", { class: "clock-day", id: "clock-day" }), h("span", { class: "clock-time", id: "clock-time" }), h("span", { class: "clock-offset", id: "clock-offset", "data-testid": "clock-offset" }));
  button.addEventListener("click", openClock);
  on("state", show);
  setInterval(show, 1000);
}

function show() {
  if (!store.state) return;
  const offset = store.state.clock_offset_ms;
  const at = now();
  write(byId("clock-day"), day(at));
  write(byId("clock-time"), clock(at));
  write(byId("clock-offset"), offset > 0 ? `+${span(offset)}` : "");
}

export function openClock() {
  const amount = h("input", { class: "field short", type: "number", min: 1, value: 3, required: true, "aria-label": "How much", "data-testid": "clock-amount" });
  const unit = h("select", { class: "select", "aria-label": "Of what", "data-testid": "clock-unit" }, UNITS.map(([name, millis]) => h("option", { value: millis, selected: name === "hours" }, name)));
  const form = h("form", {
    class: "form",
    submit: (event) => {
      event.preventDefault();
      advance(Number(amount.value) * Number(unit.value));
    },
  }, h("h3", {}, "The platform's clock"),
  h("p", { class: "hint" }, "Moves forward only. Control, messaging windows and tokens expire."),
  h("div", { class: "jumps" }, JUMPS.map(([label, millis]) => h("button", {
    class: "button", type: "button", "data-testid": `clock-${label.replace(" ", "")}`, click: () => advance(millis),
  }, `+${label}`))),
  h("div", { class: "row" }, amount, unit, h("button", { class: "button", "data-testid": "clock-advance" }, "Advance")));
  const popover = openAt(byId("clock-open"), form, { label: "The platform's clock" });

  async function advance(millis) {
    popover.close();
    await post("/control/clock", { advance_ms: millis });
  }
}
