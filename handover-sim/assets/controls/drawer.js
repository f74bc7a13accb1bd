// The panel at the side with the platform's controls.

import { byId, h } from "../lib/dom.js";
import { icon } from "../lib/icon.js";
import { on, store } from "../state/store.js";
import { faults } from "./faults.js";
import { settings } from "./settings.js";

const PANELS = {
  faults: { title: "Faults", build: faults },
  settings: { title: "Settings", build: settings },
};

let opened = null;
let opener;

export function startDrawer() {
  for (const name of Object.keys(PANELS)) {
    byId(`${name}-open`).addEventListener("click", () => toggleDrawer(name));
  }
  byId("settings-open").append(icon("settings"), h("span", {}, "Settings"));
  byId("drawer-close").append(icon("close"));
  byId("drawer-close").addEventListener("click", closeDrawer);
  on("state", show);
}

export function toggleDrawer(name) {
  if (opened === name) {
    closeDrawer();
    return;
  }
  if (!opened) opener = document.activeElement;
  opened = name;
  byId("drawer").dataset.panel = name;
  byId("drawer-title").textContent = PANELS[name].title;
  byId("drawer-body").replaceChildren();
  byId("drawer-body").scrollTop = 0;
  byId("drawer").hidden = false;
  show();
  byId("drawer").focus();
}

/** Returns whether something was closed. */
export function closeDrawer() {
  if (!opened) return false;
  opened = null;
  byId("drawer").hidden = true;
  show();
  opener?.focus();
  return true;
}

function show() {
  for (const name of Object.keys(PANELS)) byId(`${name}-open`).setAttribute("aria-expanded", name === opened);
  showActiveFaults();
  if (!opened || !store.state) return;
  PANELS[opened].build(byId("drawer-body"));
}

function showActiveFaults() {
  const active = store.state?.faults.rules.length ?? 0;
  const button = byId("faults-open");
  button.dataset.active = active > 0;
  button.replaceChildren(icon("fault"), h("span", {}, active ? `${active} ${active === 1 ? "fault" : "faults"} on` : "Faults"));
}
