import { setImmediate as turn } from 'node:timers/promises';
import { cpuNow } from './cpu.mjs';
import { slice } from './slice.mjs';
import { ratiosOf } from './statistics.mjs';
import { waits } from './waits.mjs';

/**
 * All cases in turn, round after round, so that what drifts on the machine drifts for all; each
 * round begins with another case. What is compared is compared inside a round.
 */
export class Rounds {
  #cells = new Map();
  #failures = [];

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

  async #measure({ id, open, order, orderName, concurrency, round, plan, stores }) {
    const call = open.check;
    const good = open.good ?? isSomething;
    globalThis.gc?.({ type: 'minor' });
    await turn();
    let before;
    const { warmMs, sliceMs: ms, waitsMs } = plan;
    const onWindow = () => {
      before = cpuNow(stores);
    };
    const result = await slice({ call, good, order, concurrency, warmMs, ms, onWindow });
    const after = cpuNow(stores);
    if (result.failed > 0) this.#failures.push({ id, ...result });

    const cell = this.#cell(id, orderName, concurrency);
    cell.rates[round] = result.perSecond;
    cell.own.push((after.own - before.own) / result.calls);
    if (after.stores !== null) cell.stores.push((after.stores - before.stores) / result.calls);
    const samples = await waits({ call, order, concurrency, ms: waitsMs });
    cell.waits.push(samples);
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

  #cell(id, orderName, concurrency) {
    const key = `${id} ${orderName} ${concurrency}`;
    const cell = this.#cells.get(key) ?? { rates: [], own: [], stores: [], waits: [] };
    this.#cells.set(key, cell);
    return cell;
  }
}

/** As many at once as will come, so that pools are full before anything is measured. */
async function warm({ check: call, good = isSomething }, order, { concurrency, warmMs }) {
  await slice({ call, good, order, concurrency: Math.max(...concurrency), warmMs, ms: warmMs });
}

function isSomething(answer) {
  return answer !== null && answer !== undefined;
}
