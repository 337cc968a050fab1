import { spreadOf } from '../measure/statistics.mjs';

/**
 * One line of the report.
 *
 * @typedef {{ id: string, what: string, value: number | null, unit: string, target: string | null,
 *   met: boolean | null, spread: string | null, kind: 'count' | 'ratio' | 'time' | 'note' }} Row
 */

/** Half of a target is what a short run on a shared machine must still reach. */
const SLACK = 2;

/** A number that must be exactly so, or at most so, on every machine. */
export function countRow({ id, what, value, most, unit = '' }) {
  const target = most === 0 ? '0' : `≤ ${most}`;
  return { id, what, value, unit, target, met: value <= most, spread: null, kind: 'count', most };
}

/** How many times as fast as something that was measured in the same rounds. */
export function ratioRow({ id, what, values, least = null }) {
  const { median, q1, q3 } = spreadOf(values);
  const target = least === null ? null : `≥ ${least} ×`;
  const met = least === null ? null : median >= least;
  const spread = `${short(q1)}–${short(q3)}`;
  return { id, what, value: median, unit: '×', target, met, spread, kind: 'ratio', least };
}

/** A share or a size that must stay small. */
export function shareRow({ id, what, value, most, unit = '×', spread = null }) {
  const target = most === null ? null : `≤ ${most} ${unit}`.trim();
  const met = most === null ? null : value <= most;
  return { id, what, value, unit, target, met, spread, kind: 'ratio', most };
}

/** A wait. Machines differ, so only a full run holds it against its target. */
export function timeRow({ id, what, value, most = null, unit = 'ms', spread = null }) {
  const target = most === null ? null : `≤ ${most} ${unit}`;
  const met = most === null ? null : value <= most;
  return { id, what, value, unit, target, met, spread, kind: 'time', most };
}

/** Something worth knowing that has no target. */
export function noteRow({ id, what, value, unit = '', spread = null }) {
  return { id, what, value, unit, target: null, met: null, spread, kind: 'note' };
}

/** `met`, `near` (missed by less than half, which a quick run forgives) or `missed`. */
export function verdictOf(row, quick) {
  if (row.met === null) return '';
  if (row.met) return 'met';
  if (!quick || row.kind === 'count') return 'missed';
  if (row.kind === 'time') return 'near';
  const half =
    row.least === undefined || row.least === null
      ? row.value <= row.most * SLACK
      : row.value >= row.least / SLACK;
  return half ? 'near' : 'missed';
}

/** Three significant digits, thousands as k. */
export function short(value) {
  if (value === null || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1_000_000) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 10_000) return `${Number((value / 1e3).toPrecision(3))}k`;
  if (size >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
