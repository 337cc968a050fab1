import type { History } from '../harness/history.ts';

/** How late a change may show that ended at `from` and is missed at `to`, in ms. */
export function latenessBetween(from: number, to: number, history: History): number {
  const { bounds } = history;
  return touchesFault(from, to, history) ? bounds.fault : bounds.health;
}

/** Whether any moment between the two lies in a fault or in its recovery. */
export function touchesFault(from: number, to: number, { bounds, windows }: History): boolean {
  return windows.some(({ start, end }) => start <= to && from <= end + bounds.recovery);
}
