import { setImmediate as turn } from 'node:timers/promises';

const SLICE_MS = 1;
const READS_AT_ONCE = 64;

/**
 * Keeps this process busy until told to end: `idle` not at all, `cpu` with computing in slices of
 * 1 ms, `redis` with lookups of other sessions that miss the near copies, 64 under way.
 */
export function startLoad(kind, { misses, sessionIds }) {
  const state = { ended: false, done: 0 };
  const workers = { idle: [], cpu: [compute], redis: Array(READS_AT_ONCE).fill(read) }[kind];
  const running = workers.map((work) => work(state, misses, sessionIds));
  return {
    end: async () => {
      state.ended = true;
      await Promise.all(running);
      return state.done;
    },
  };
}

async function compute(state) {
  while (!state.ended) {
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until) state.done++;
    await turn();
  }
}

async function read(state, misses, sessionIds) {
  while (!state.ended) {
    await misses.validateSession(sessionIds[state.done++ % sessionIds.length]).catch(unavailable);
  }
}

/** Under this load a lookup may be given up; what is watched is watched by another manager. */
async function unavailable(error) {
  if (error.code !== 'STORE_UNAVAILABLE') throw error;
  await turn();
}
