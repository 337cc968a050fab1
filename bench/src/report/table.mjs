import { styleText } from 'node:util';
import { short, verdictOf } from './rows.mjs';

const MARKS = { met: ['green', '✓ met'], near: ['yellow', '~ near'], missed: ['red', '✗ missed'] };

/** The rows as a quiet table for a terminal. */
export function printTable(rows, { quick, write = console.log }) {
  const lines = rows.map((row) => cellsOf(row, verdictOf(row, quick)));
  const head = ['#', 'what', 'value', 'target', 'verdict', 'spread'];
  const widths = head.map((title, at) =>
    Math.max(title.length, ...lines.map((cells) => cells[at].length)),
  );
  const lineOf = (cells) =>
    cells.map((cell, at) =>
      at === 2 || at === 3 ? cell.padStart(widths[at]) : cell.padEnd(widths[at]),
    );

  write('');
  write(paint('dim', `  ${lineOf(head).join('  ')}`.trimEnd()));
  lines.forEach((cells, index) => {
    const padded = lineOf(cells);
    const color = MARKS[verdictOf(rows[index], quick)]?.[0];
    if (color !== undefined) padded[4] = paint(color, padded[4]);
    padded[5] = paint('dim', padded[5].trimEnd());
    write(`  ${padded.join('  ')}`.trimEnd());
  });
  write('');
}

function cellsOf(row, verdict) {
  const value = `${short(row.value)} ${row.unit}`.trim();
  return [row.id, row.what, value, row.target ?? '', MARKS[verdict]?.[1] ?? '', row.spread ?? ''];
}

function paint(style, text) {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}
