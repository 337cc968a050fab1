/** Where progress goes: `process.stderr`, or a test's own. */
export interface Screen {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const WIDTH = 24;
const ERASE_LINE = '\r\u001b[K';

/** One line that is written over itself, where somebody looks; nothing elsewhere. */
export function progressLine(screen: Screen): { show(line: string): void; clear(): void } {
  const write = (text: string): void => {
    if (screen.isTTY) screen.write(text);
  };
  return {
    show: (line) => write(`${ERASE_LINE}${line}`),
    clear: () => write(ERASE_LINE),
  };
}

/** A bar and its numbers. What was expected may be exceeded: then the bar is full. */
export function bar(done: number, expected: number): string {
  const share = expected === 0 ? 1 : Math.min(done / expected, 1);
  const filled = Math.round(share * WIDTH);
  return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${done} of ${Math.max(done, expected)}`;
}
