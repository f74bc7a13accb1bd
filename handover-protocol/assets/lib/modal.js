import { h } from "./dom.js";
import { icon } from "./icon.js";

/** Modal dialog; resolves when it is closed. */
export function modal(title, ...content) {
  const close = h("button", { class: "button icon-only small", type: "button", "aria-label": "Close", click: () => box.close() }, icon("close"));
  const box = h("dialog", { class: "modal", "aria-label": title, "data-testid": "modal" },
    h("div", { class: "drawer-head" }, h("h2", {}, title), close),
    h("div", { class: "scroll modal-body" }, content));
  box.addEventListener("close", () => box.remove());
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  document.body.append(box);
  box.showModal();
  return box;
}
