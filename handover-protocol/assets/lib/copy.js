import { h } from "./dom.js";

/** Button that copies the result of `text()`. */
export function copyButton(text, label = "Copy", attributes = {}) {
  const button = h("button", { class: "button small quiet", type: "button", ...attributes }, label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(await text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it and press Ctrl C";
    }
    setTimeout(() => { button.textContent = label; }, 1500);
  });
  return button;
}
