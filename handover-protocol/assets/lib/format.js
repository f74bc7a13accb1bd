// Formats times, durations and names.

const DAY = 86_400_000;

const time = (at, more = {}) =>
  new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...more });

export const clock = (at) => time(at);
export const clockSeconds = (at) => time(at, { second: "2-digit" });
export const clockMillis = (at) => time(at, { second: "2-digit", fractionalSecondDigits: 3 });

export const day = (at) => new Date(at).toLocaleDateString([], { weekday: "short", day: "numeric", month: "short" });

export const weekdayAndClock = (at) => new Date(at).toLocaleString([], {
  weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

/** For lists: the time of today, or the date. */
export function brief(at, now) {
  if (now - at < DAY && new Date(at).getDate() === new Date(now).getDate()) return clock(at);
  return new Date(at).toLocaleDateString([], { day: "numeric", month: "short" });
}

/** A duration in minutes; below one minute, in seconds. */
export function span(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(millis / 60_000);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return hours % 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${hours / 24} d`;
  if (hours && minutes % 60) return `${hours} h ${minutes % 60} min`;
  return hours ? `${hours} h` : `${minutes} min`;
}

export function took(millis) {
  if (millis < 1) return "<1 ms";
  return millis < 1000 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(1)} s`;
}

export const initial = (name) => [...(name ?? "")][0]?.toUpperCase() ?? "?";

export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** Shows JSON values other than text as they are. */
export const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** `take_from_idle` as words. */
export const words = (name) => {
  const spaced = name.replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};
