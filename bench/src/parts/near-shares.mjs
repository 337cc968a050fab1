import { LEAST_NEAR } from '../cases/ours.mjs';
import { spreadOf } from '../measure/statistics.mjs';
import { countRow, noteRow } from '../report/rows.mjs';

const CONCURRENCIES = [1, 32, 256];

/** Whether the slices of the product measured what they are called. */
export function nearRows(rounds) {
  const shares = (id) => CONCURRENCIES.flatMap((each) => rounds.near(id, each));
  return [
    countRow({
      id: '0 near',
      what: 'Near copy: largest share of a slice that was not near',
      value: 1 - Math.min(...shares('ours-near')),
      most: Number((1 - LEAST_NEAR).toFixed(2)),
    }),
    countRow({
      id: '0 miss',
      what: 'Fast copy: largest share of a slice that was near',
      value: Math.max(...shares('ours-miss')),
      most: 0,
    }),
    noteRow({
      id: '0 again',
      what: 'Slices taken again, since they were not what their case is called',
      value: rounds.repeated,
    }),
    noteRow({
      id: '0 tenth',
      what: 'Zipf, near copies for 10 %: share that was near',
      value: spreadOf(rounds.near('ours-tenth', 32, 'zipf')).median,
    }),
  ];
}

/** A number that was not taken from near copies says so, and counts as missed. */
export function ifNear(row, share) {
  if (share >= LEAST_NEAR) return row;
  const what = `${row.what} (only ${(share * 100).toFixed(1)} % near)`;
  return { ...row, what, met: false, kind: 'count' };
}
