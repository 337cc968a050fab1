import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { withResults } from './markdown.mjs';
import { chartOf } from './svg.mjs';

const RESULTS = new URL('../../results/', import.meta.url);
const DOCS = new URL('../../../docs/', import.meta.url);

/** Leaves `bench/results/latest.json`, and with `docs` the page and the picture of `docs/`. */
export function writeReport(report, { docs }) {
  const { machine, versions, quick, rows } = report;
  const plain = rows.map(({ id, what, value, unit, target, met, spread }) => ({
    id,
    what,
    value: Number.isFinite(value) ? value : null,
    unit,
    target,
    met,
    spread,
  }));
  mkdirSync(RESULTS, { recursive: true });
  const json = JSON.stringify({ machine, versions, quick, rows: plain }, null, 2);
  writeFileSync(new URL('latest.json', RESULTS), `${json}\n`);
  if (!docs) return;
  const page = new URL('performance.md', DOCS);
  writeFileSync(page, withResults(readFileSync(page, 'utf8'), report));
  writeFileSync(new URL('performance.svg', DOCS), chartOf(report.table));
}
