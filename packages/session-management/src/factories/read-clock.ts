import type { ClockReading } from '../policy/clocks-apart.ts';
import { monotonicClock, wallClock } from '../utils/clock.ts';

const SAMPLES = 5;

/**
 * A store's clock against this machine's: of a few round trips the shortest, which hides least.
 *
 * @param tell - Asks the store for its instant, in milliseconds since the epoch.
 */
export async function readClock(of: string, tell: () => Promise<number>): Promise<ClockReading> {
  const readings: ClockReading[] = [];
  for (let n = 0; n < SAMPLES; n += 1) readings.push(await sample(of, tell));
  return readings.reduce((best, next) => (next.blur < best.blur ? next : best));
}

async function sample(of: string, tell: () => Promise<number>): Promise<ClockReading> {
  const sentAt = monotonicClock.now();
  const instant = await tell();
  const blur = (monotonicClock.now() - sentAt) / 2;
  return { of, ahead: instant - (wallClock.now() - blur), blur };
}
