// Light or dark theme: the system's, until it is changed here.

import { byId } from "../lib/dom.js";
import { icon } from "../lib/icon.js";

const KEY = "theme";
const system = matchMedia("(prefers-color-scheme: dark)");

const shown = () => document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light");

export function startTheme() {
  const kept = localStorage.getItem(KEY);
  if (kept) document.documentElement.dataset.theme = kept;
  byId("theme-switch").addEventListener("click", switchTheme);
  system.addEventListener("change", show);
  show();
}

export function switchTheme() {
  const theme = shown() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(KEY, theme);
  show();
}

function show() {
  const other = shown() === "dark" ? "light" : "dark";
  const button = byId("theme-switch");
  button.replaceChildren(icon(other === "dark" ? "moon" : "sun"));
  button.title = `Switch to ${other} (l)`;
  button.setAttribute("aria-label", `Switch to ${other}`);
}
