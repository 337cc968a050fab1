import { short, verdictOf } from './rows.mjs';

const MARKS = ['<!-- results -->', '<!-- /results -->'];

/** The document with the results of a run between its marks. */
export function withResults(text, report) {
  const [before, rest] = text.split(MARKS[0]);
  const after = rest?.split(MARKS[1])[1];
  if (after === undefined) throw new Error(`the document lacks ${MARKS.join(' and ')}`);
  return `${before}${MARKS[0]}\n\n${resultsOf(report)}\n${MARKS[1]}${after}`;
}

function resultsOf({ machine, versions, rows, table, quick, counts }) {
  const words = Object.entries({ ...machine, ...versions }).map(
    ([name, value]) => `${name} ${value}`,
  );
  return [
    `${quick ? 'A quick run' : 'A full run'}: ${words.join(', ')}.`,
    '![Lookups a second of each way to check a session](performance.svg)',
    '### Targets',
    tableOf(
      ['#', 'What', 'Value', 'Target', 'Verdict', 'Quartiles'],
      rows.map((row) => [
        row.id,
        row.what,
        `${short(row.value)} ${row.unit}`.trim(),
        row.target ?? '',
        verdictOf(row, quick),
        row.spread ?? '',
      ]),
    ),
    '### Lookups',
    'CPU is µs per lookup: this process / the stores. Trips are writes on sockets to a store.',
    lookupsOf(table, counts),
    '',
  ].join('\n\n');
}

function lookupsOf(table, counts) {
  const concurrencies = table[0].cells.map(({ concurrency }) => concurrency);
  return tableOf(
    [
      'Case',
      'Redis / SQL / trips / pool jobs',
      ...concurrencies.map((each) => `/s at ${each}`),
      'p50 / p99 µs at 1',
      'p50 / p99 µs at 32',
      'CPU at 1',
      'CPU at 32',
    ],
    table.map(({ id, what, cells }) => {
      const at = (concurrency) => cells.find((cell) => cell.concurrency === concurrency);
      const { commands, statements, trips, jobs } = counts[id];
      return [
        what,
        [commands, statements, trips, jobs].map(short).join(' / '),
        ...cells.map(({ perSecond }) => short(perSecond)),
        ...[1, 32].map((each) => `${short(at(each).p50)} / ${short(at(each).p99)}`),
        ...[1, 32].map((each) => `${short(at(each).cpuOwn)} / ${short(at(each).cpuStores)}`),
      ];
    }),
  );
}

function tableOf(head, lines) {
  return [head, head.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
