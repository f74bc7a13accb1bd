/** A pause after which a chat shows the time. */
const PAUSE = 15 * 60 * 1000;

/**
 * The entries of a chat as its list shows them: with times, and marks where the speaker changes.
 * Changes of control pass through where they are.
 */
export function bubbles(entries, mine) {
  let last;
  let speaker;
  return entries.flatMap((entry) => {
    if (entry.entry === "handover") {
      speaker = undefined;
      return [{ ...entry, key: `change-${entry.index}` }];
    }
    const paused = !last || entry.at - last.at > PAUSE;
    const by = (entry.app?.id ?? "person") + (entry.persona ?? "") + (entry.origin ?? "");
    const shown = { ...entry, key: entry.mid, mine: mine(entry), turn: paused || speaker !== by };
    if (entry.reply_to) shown.quoted = quoted(entries, entry.reply_to);
    last = entry;
    speaker = by;
    return paused ? [{ key: `at-${entry.at}`, moment: entry.at }, shown] : [shown];
  });
}

function quoted(entries, reply) {
  const mid = typeof reply === "string" ? reply : reply.mid;
  const message = entries.find((entry) => entry.mid === mid);
  if (!message) return "An earlier message";
  return message.unsent ? "A message that was unsent" : message.text ?? "An attachment";
}
