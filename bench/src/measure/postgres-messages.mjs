const HEADER = 5;

/** What each connection has bound last, and the text behind each name that it prepared. */
const connections = new WeakMap();

/**
 * The statements that a client of PostgreSQL has executed, by the beginning of their text, or by
 * their name where they had been prepared before.
 */
export function statementsIn(bytes, socket) {
  const known = connections.get(socket) ?? { texts: new Map(), bound: '' };
  connections.set(socket, known);
  const names = [];
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const kind = String.fromCharCode(bytes[at]);
    const end = at + 1 + bytes.readInt32BE(at + 1);
    const words = bytes.toString('utf8', at + HEADER, end).split('\0', 2);
    if (kind === 'P') known.texts.set(words[0], brief(words[1]));
    if (kind === 'B') known.bound = words[1];
    if (kind === 'E') names.push(known.texts.get(known.bound) ?? known.bound);
    if (kind === 'Q') names.push(brief(words[0]));
    at = end;
  }
  return names;
}

function brief(text) {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 60);
}
