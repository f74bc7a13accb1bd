/** A pause after which a chat shows the time. */
const PAUSE = 15 * 60 * 1000;

/**
 * The lines of a chat as its list shows them: with times, and marks where the speaker changes.
 * Changes of control pass through where they are.
 */
export function bubbles(lines, mine) {
  let last;
  let speaker;
  return lines.flatMap((line) => {
    if (line.line === "handover") {
      speaker = undefined;
      return [{ ...line, key: `change-${line.index}` }];
    }
    const paused = !last || line.at - last.at > PAUSE;
    const by = (line.app?.id ?? "person") + (line.persona ?? "") + (line.origin ?? "");
    const shown = { ...line, key: line.mid, mine: mine(line), turn: paused || speaker !== by };
    if (line.reply_to) shown.quoted = quoted(lines, line.reply_to);
    last = line;
    speaker = by;
    return paused ? [{ key: `at-${line.at}`, moment: line.at }, shown] : [shown];
  });
}

function quoted(lines, reply) {
  const mid = typeof reply === "string" ? reply : reply.mid;
  const message = lines.find((line) => line.mid === mid);
  if (!message) return "An earlier message";
  return message.unsent ? "A message that was unsent" : message.text ?? "An attachment";
}
