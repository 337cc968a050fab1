const LINE_END = Buffer.from('\r\n');

/** The names of the commands in what a client of Redis wrote. */
export function commandsIn(bytes) {
  const names = [];
  let at = 0;
  while (bytes[at] === 0x2a) {
    const head = lineAt(bytes, at);
    let next = head.next;
    let name = '';
    for (let part = 0; part < Number(head.text.slice(1)); part++) {
      const length = lineAt(bytes, next);
      const from = length.next;
      next = from + Number(length.text.slice(1)) + LINE_END.length;
      if (part === 0) name = bytes.toString('latin1', from, next - LINE_END.length).toUpperCase();
    }
    names.push(name);
    at = next;
  }
  return names;
}

function lineAt(bytes, at) {
  const end = bytes.indexOf(LINE_END, at);
  if (end < 0) return { text: '', next: bytes.length };
  return { text: bytes.toString('latin1', at, end), next: end + LINE_END.length };
}
