import { short } from './rows.mjs';

const LINE = 24;
const LEFT = 330;
const WIDTH = 820;
const RIGHT = 90;
const TOP = 56;
const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.dim{fill:#6e7781;font-size:12px}
.peer{fill:#8c959f}.ours{fill:#0969da}.limit{fill:#d0d7de}.grid{stroke:#d8dee4}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.dim{fill:#8d96a0}.peer{fill:#6e7681}.ours{fill:#4493f8}.limit{fill:#3d444d}.grid{stroke:#30363d}}`;

/** Lookups a second of each case with 32 under way: bars on a logarithmic scale, light and dark. */
export function chartOf(table, concurrency = 32) {
  const bars = table
    .map(({ id, what, cells }) => ({
      id,
      what,
      rate: cells.find((cell) => cell.concurrency === concurrency).perSecond,
    }))
    .sort((a, b) => b.rate - a.rate);
  const lowest = Math.floor(Math.log10(Math.min(...bars.map(({ rate }) => rate))));
  const highest = Math.ceil(Math.log10(Math.max(...bars.map(({ rate }) => rate))));
  const across = (rate) =>
    ((Math.log10(rate) - lowest) / (highest - lowest)) * (WIDTH - LEFT - RIGHT);
  const height = TOP + bars.length * LINE + 16;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Lookups a second">`,
    `<style>${STYLE}</style>`,
    `<text x="12" y="22">Lookups a second, one process, ${concurrency} under way (logarithmic)</text>`,
    ...gridOf(lowest, highest, across, height),
    ...bars.flatMap((bar, at) => barOf(bar, TOP + at * LINE, across(bar.rate))),
    '</svg>\n',
  ].join('\n');
}

function gridOf(lowest, highest, across, height) {
  const powers = Array.from({ length: highest - lowest + 1 }, (_, step) => 10 ** (lowest + step));
  return powers.flatMap((rate) => {
    const x = (LEFT + across(rate)).toFixed(1);
    return [
      `<line class="grid" x1="${x}" x2="${x}" y1="${TOP - 8}" y2="${height - 12}"/>`,
      `<text class="dim" x="${x}" y="${TOP - 14}" text-anchor="middle">${short(rate)}</text>`,
    ];
  });
}

function barOf({ id, what, rate }, y, width) {
  const kind = ['ours', 'limit'].find((prefix) => id.startsWith(prefix)) ?? 'peer';
  const end = LEFT + Math.max(2, width);
  return [
    `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${what.replaceAll('&', '&amp;')}</text>`,
    `<rect class="${kind}" x="${LEFT}" y="${y + 3}" width="${Math.max(2, width).toFixed(1)}" height="${LINE - 9}" rx="2"/>`,
    `<text class="dim" x="${(end + 6).toFixed(1)}" y="${y + 14}">${short(rate)}/s</text>`,
  ];
}
