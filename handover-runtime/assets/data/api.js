// Requests to the bot.

import { clockSeconds } from "../lib/format.js";
import { toast } from "../shell/toast.js";
import { askToken, forgetToken, token } from "./token.js";

/** The page may be served below another path. */
const BASE = new URL("../../", import.meta.url);

let onChange = () => {};
let answeredAt = Date.now();

/** Calls the listener with whether the bot answers. */
export function onConnection(listener) {
  onChange = listener;
}

/** What the bot answers; undefined if it does not, which is shown. */
export async function get(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = given.length ? `?${new URLSearchParams(given)}` : "";
  return answer(await ask(path + search, {}), path);
}

/** The same with a token, which is asked for; undefined if there is none. */
export async function getWithToken(path, query) {
  return withToken((headers) => ask(`${path}?${new URLSearchParams(query)}`, { headers }));
}

export async function postWithToken(path, body) {
  return withToken((headers) => ask(path, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
  }));
}

async function withToken(send) {
  for (let refused = false; ; refused = true) {
    const known = token() ?? await askToken(refused);
    if (!known) return undefined;
    const response = await send({ authorization: `Bearer ${known}` });
    if (response?.status !== 401) return answer(response);
    forgetToken();
  }
}

async function ask(path, options) {
  try {
    const response = await fetch(new URL(path, BASE), { cache: "no-store", ...options });
    answeredAt = Date.now();
    onChange("live");
    return response;
  } catch {
    onChange("lost", clockSeconds(answeredAt));
    return undefined;
  }
}

async function answer(response) {
  if (!response) return undefined;
  const isJson = response.headers.get("content-type")?.includes("json");
  const body = isJson ? await response.json() : await response.text();
  if (response.ok) return body || {};
  toast(body?.error?.message ?? (String(body).trim() || `The bot answered ${response.status}.`));
  return undefined;
}
