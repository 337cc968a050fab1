import { Random } from './random.ts';

/** Of so many faults one is played without near copies, so that the tiers behind are seen too. */
const ONE_IN = 3;

/**
 * Whether the processes keep near copies while this fault is played: as the variable
 * `FAULT_NEAR_COPIES` says (`on` or `off`), else as the seed does.
 */
export function keepsNearCopies(id: string, seed: number): boolean {
  const wanted = process.env['FAULT_NEAR_COPIES'];
  if (wanted !== undefined) return wanted !== 'off';
  const mixed = [...id].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed);
  return new Random(mixed).below(ONE_IN) !== 0;
}
