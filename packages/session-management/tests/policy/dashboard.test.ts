import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRICS, type MetricDefinition } from '../../src/types/index.ts';

const FILE = new URL('../../../../docs/grafana/sessions.json', import.meta.url);
const dashboard: { panels: { targets: { expr: string }[] }[] } = JSON.parse(
  readFileSync(FILE, 'utf8'),
);
const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

const SUFFIX = { counter: '_total', gauge: '', histogram: '_bucket' };
const plain = (name: string): string => name.replaceAll('.', '_');
const table = Object.entries<MetricDefinition>(METRICS);
const exported = table.map(([name, { kind }]) => plain(name) + SUFFIX[kind]);
const labels = new Set(table.flatMap(([, { attributes }]) => attributes.map(plain)));

/** The words of a query that are ours, without what it asks of a label. */
function wordsOf(query: string): string[] {
  return query.replaceAll(/"[^"]*"/g, '').match(/\bsession_\w+/g) ?? [];
}

describe('the dashboard', () => {
  it.each(queries)('asks for nothing that does not exist: %s', (query) => {
    const known = new Set([...exported, ...labels]);
    expect(wordsOf(query).filter((word) => !known.has(word))).toEqual([]);
  });

  it.each(exported)('shows %s', (name) => {
    expect(queries.flatMap(wordsOf)).toContain(name);
  });
});

describe('the guide', () => {
  const guide = readFileSync(new URL('../../../../docs/guide/metrics.md', import.meta.url), 'utf8');

  it.each(table)('tells of %s', (name, { attributes, kind, unit }) => {
    const rows = guide.split('\n').filter((line) => line.startsWith('|'));
    const row = rows.find((line) => line.includes(`\`${name}\``)) ?? '';
    expect(row).toContain(`${kind}, \`${unit}\``);
    for (const attribute of attributes) expect(row).toContain(`\`${attribute}\``);
  });
});
