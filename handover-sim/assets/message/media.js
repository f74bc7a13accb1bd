// Media as tiles: the page loads nothing from other servers.

import { h } from "../lib/dom.js";
import { text } from "../lib/format.js";
import { icon } from "../lib/icon.js";

const NAMES = {
  image: "Image", audio: "Audio", video: "Video", file: "File", sticker: "Sticker", fallback: "Link",
  location: "Location", reel: "Reel", ig_reel: "Reel", post: "Post", ig_post: "Post", share: "Shared post",
  story_mention: "Mention in a story", ephemeral: "Disappearing photo", like_heart: "Heart",
};

export function media(type, payload = {}) {
  const url = webAddress(payload.url);
  const name = payload.title ?? fileName(url) ?? payload.attachment_id;
  const kind = NAMES[type] ?? text(type ?? "Attachment");
  const content = [
    h("span", { class: "file-kind" }, icon(type)),
    h("span", { class: "file-text" },
      h("span", { class: "file-name" }, name ? text(name) : kind),
      h("span", { class: "file-host" }, [name && kind, url ? url.host : payload.url && text(payload.url)].filter(Boolean).join(" · "))),
  ];
  return h("div", { class: "card", "data-testid": "attachment", "data-type": type }, url
    ? h("a", { class: "file", href: url, target: "_blank", rel: "noopener noreferrer", title: url.href }, content)
    : h("span", { class: "file" }, content));
}

/** A tile for an image of a template. */
export function picture(address, shape = "") {
  if (!address) return null;
  const url = webAddress(address);
  return h("span", { class: `picture ${shape}`, title: text(address) }, icon("image"), h("span", { class: "picture-name" }, fileName(url) ?? "Image"));
}

/** Only http(s) URLs become links, not `javascript:` and the like. */
export function webAddress(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function fileName(url) {
  const name = url?.pathname.split("/").pop();
  if (!name) return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
