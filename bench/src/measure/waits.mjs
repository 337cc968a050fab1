import { setImmediate as turn } from 'node:timers/promises';

const MOST_SAMPLES = 200_000;
const TURN_EVERY_MS = 5;

/**
 * How long each single call takes, in microseconds, with so many under way for a fixed time.
 *
 * @param {{ call: (index: number) => Promise<unknown>, order: Uint32Array, concurrency: number, ms: number }} plan
 */
export async function waits({ call, order, concurrency, ms }) {
  const samples = new Float64Array(MOST_SAMPLES);
  const mask = order.length - 1;
  const end = performance.now() + ms;
  let taken = 0;
  let at = 0;
  let turnAt = performance.now() + TURN_EVERY_MS;

  const worker = async () => {
    let now = performance.now();
    while (now < end && taken < MOST_SAMPLES) {
      const began = performance.now();
      await call(order[at++ & mask]);
      now = performance.now();
      if (taken < MOST_SAMPLES) samples[taken++] = (now - began) * 1_000;
      if (now < turnAt) continue;
      turnAt = now + TURN_EVERY_MS;
      await turn();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return samples.subarray(0, taken);
}

/** Does something to each of many, so many at a time. */
export async function forEachOf(items, concurrency, work) {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      await work(items[at], at);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
