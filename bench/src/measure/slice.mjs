import { setImmediate as turn } from 'node:timers/promises';

/** A server comes back to its event loop between requests; calls that never wait must do so too. */
const TURN_EVERY_MS = 5;

/** Cheap calls look at the clock once per batch, dear ones after each call. */
const BATCH_MS = 0.2;
const LARGEST_BATCH = 64;
const TRIAL_CALLS = 5;

/**
 * Keeps so many calls under way for a fixed time and answers how many ended per second.
 *
 * Calls run through the warm-up into the measured window without a stop, so that neither the first
 * wait nor the last is counted in part. A call that throws, or whose answer is refused, is counted
 * as failed.
 *
 * @param {{ call: (index: number) => Promise<unknown>, good: (answer: unknown) => boolean,
 *   order: Uint32Array, concurrency: number, warmMs: number, ms: number,
 *   onWindow?: () => void }} plan - `onWindow` is told when the window begins.
 */
export async function slice(plan) {
  const { call, good, order, concurrency, warmMs, ms } = plan;
  const batch = await batchFor(plan);
  const began = performance.now();
  const opens = began + warmMs;
  const mask = order.length - 1;
  const state = { calls: 0, failed: 0, error: null, at: 0, from: 0, to: 0, turnAt: began };
  let turning = null;

  const breathe = async () => {
    await turn();
    turning = null;
    state.turnAt = performance.now() + TURN_EVERY_MS;
  };
  const worker = async () => {
    for (;;) {
      for (let done = 0; done < batch; done++) {
        try {
          if (!good(await call(order[state.at++ & mask]))) state.failed++;
        } catch (error) {
          state.failed++;
          state.error = error;
        }
      }
      const now = performance.now();
      if (state.from === 0) {
        if (now >= opens) {
          plan.onWindow?.();
          state.from = now;
        }
      } else if (state.to === 0) {
        state.calls += batch;
        if (now - state.from >= ms) state.to = now;
      }
      if (state.to !== 0) return;
      if (now >= state.turnAt) turning ??= breathe();
      if (turning !== null) await turning;
    }
  };

  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (state.to - state.from) / 1_000;
  const { calls, failed, error } = state;
  return { calls, perSecond: calls / seconds, failed, error };
}

async function batchFor({ call, order }) {
  const began = performance.now();
  for (let index = 0; index < TRIAL_CALLS; index++) await call(order[index]).catch(() => undefined);
  const each = (performance.now() - began) / TRIAL_CALLS;
  return Math.max(1, Math.min(LARGEST_BATCH, Math.floor(BATCH_MS / each)));
}
