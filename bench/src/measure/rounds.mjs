import { setImmediate as turn } from 'node:timers/promises';
import { cpuNow } from './cpu.mjs';
import { slice } from './slice.mjs';
import { ratiosOf } from './statistics.mjs';
import { waits } from './waits.mjs';

const MOST_TRIES = 5;

/**
 * All cases in turn, round after round, so that what drifts on the machine drifts for all; each
 * round begins with another case. What is compared is compared inside a round.
 */
export class Rounds {
  #cells = new Map();
  #failures = [];
  #repeated = 0;

  /**
   * @param {{ cases: { id: string, open: object, orders: Record<string, Uint32Array> }[],
   *   plan: object, stores: object, onRound?: (round: number) => void }} work
   */
  async run({ cases, plan, stores, onRound }) {
    for (let round = 0; round < plan.rounds; round++) {
      onRound?.(round);
      for (let step = 0; step < cases.length; step++) {
        const one = cases[(step + round) % cases.length];
        for (const [orderName, order] of Object.entries(one.orders)) {
          await one.open.refresh?.();
          await warm(one.open, order, plan);
          for (const concurrency of plan.concurrency) {
            await this.#measure({ ...one, order, orderName, concurrency, round, plan, stores });
          }
        }
      }
    }
  }

  /** A slice that was not what its case is called says nothing: it is taken again. */
  async #measure(work) {
    for (let tries = 1; ; tries++) {
      const taken = await this.#take(work);
      if (taken.asCalled || tries === MOST_TRIES) return this.#keep(work, taken);
      this.#repeated++;
      await work.open.refresh();
    }
  }

  async #take({ open, order, concurrency, plan, stores }) {
    const { check: call, good = isSomething } = open;
    const { warmMs, sliceMs: ms, waitsMs } = plan;
    const hitsBefore = await open.hits?.();
    globalThis.gc?.({ type: 'minor' });
    await turn();
    let before;
    const onWindow = () => {
      before = cpuNow(stores);
    };
    const result = await slice({ call, good, order, concurrency, warmMs, ms, onWindow });
    const after = cpuNow(stores);
    const samples = await waits({ call, order, concurrency, ms: waitsMs });
    if (hitsBefore === undefined) return { result, before, after, samples, asCalled: true };
    const hits = sinceOf(hitsBefore, await open.hits());
    return { result, before, after, samples, near: hits.near, asCalled: open.asCalled(hits) };
  }

  #keep({ id, orderName, concurrency, round }, { result, before, after, samples, near }) {
    if (result.failed > 0) this.#failures.push({ id, ...result });
    const cell = this.#cell(id, orderName, concurrency);
    cell.rates[round] = result.perSecond;
    cell.own.push((after.own - before.own) / result.calls);
    if (after.stores !== null) cell.stores.push((after.stores - before.stores) / result.calls);
    cell.waits.push(samples);
    if (near !== undefined) cell.near.push(near);
  }

  /** Slices that were taken again. */
  get repeated() {
    return this.#repeated;
  }

  /** Calls that threw or were refused although their session lives. */
  get failures() {
    return this.#failures;
  }

  rates(id, concurrency, orderName = 'uniform') {
    return this.#cell(id, orderName, concurrency).rates;
  }

  ratios(above, below, concurrency, orderName = 'uniform') {
    return ratiosOf(
      this.rates(above, concurrency, orderName),
      this.rates(below, concurrency, orderName),
    );
  }

  /** Waits in microseconds, one array per round. */
  waits(id, concurrency, orderName = 'uniform') {
    return this.#cell(id, orderName, concurrency).waits;
  }

  /** CPU microseconds per call, one value per round: this process, and the stores'. */
  cpu(id, concurrency, orderName = 'uniform') {
    const { own, stores } = this.#cell(id, orderName, concurrency);
    return { own, stores };
  }

  /** Of the product's lookups in each slice, the share that near copies answered. */
  near(id, concurrency, orderName = 'uniform') {
    return this.#cell(id, orderName, concurrency).near;
  }

  #cell(id, orderName, concurrency) {
    const key = `${id} ${orderName} ${concurrency}`;
    const cell = this.#cells.get(key) ?? { rates: [], own: [], stores: [], waits: [], near: [] };
    this.#cells.set(key, cell);
    return cell;
  }
}

/** As many at once as will come, so that pools are full before anything is measured. */
async function warm({ check: call, good = isSomething }, order, { concurrency, warmMs }) {
  await slice({ call, good, order, concurrency: Math.max(...concurrency), warmMs, ms: warmMs });
}

/** Between two looks at the product's counters: the share that was near, and its warnings. */
export function sinceOf(before, after) {
  return {
    near: (after.hits - before.hits) / (after.asked - before.asked),
    warnings: after.warnings - before.warnings,
  };
}

function isSomething(answer) {
  return answer !== null && answer !== undefined;
}
