import { NETWORK_KNOWN } from '../policy/log-in-limits.ts';
import {
  type Admission,
  type AttemptGate,
  type AttemptKeys,
  hasCode,
  type KnownNetworks,
  type Logger,
  type MonotonicClock,
} from '../types/index.ts';

export interface Insurance {
  /** Over the counters that all processes share. */
  shared: AttemptGate;
  /** Over counters of this process, with lower limits. */
  local: AttemptGate;
  /** What the local gate knows; it learns while the shared one works. */
  learned: KnownNetworks;
  logger: Logger;
  monotonic: MonotonicClock;
}

/** Between two lines about the same trouble, in milliseconds. */
const QUIET = 60_000;

/** Attempts are counted for all processes; while that cannot be done, by each process against lower limits. */
export class InsuredAttempts implements AttemptGate {
  readonly #insurance: Insurance;
  #isDegraded = false;
  #isTold = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(insurance: Insurance) {
    this.#insurance = insurance;
  }

  logIn(keys: AttemptKeys): Promise<Admission> {
    return this.#insured(keys, (gate) => gate.logIn(keys));
  }

  signUp(keys: AttemptKeys): Promise<Admission> {
    return this.#insured(keys, (gate) => gate.signUp(keys));
  }

  async #insured(
    keys: AttemptKeys,
    ask: (gate: AttemptGate) => Promise<Admission>,
  ): Promise<Admission> {
    const { learned, local, shared } = this.#insurance;
    try {
      const admission = await ask(shared);
      this.#works();
      return {
        ...admission,
        succeeded: async () => {
          if (keys.known !== null) await learned.remember(keys.known, NETWORK_KNOWN);
          await admission.succeeded();
        },
      };
    } catch (error) {
      if (!hasCode(error, 'STORE_UNAVAILABLE')) {
        this.#works();
        throw error;
      }
      this.#fails();
      return await ask(local);
    }
  }

  #fails(): void {
    const { logger, monotonic } = this.#insurance;
    this.#isDegraded = true;
    if (this.#isTold || monotonic.now() - this.#toldAt < QUIET) return;
    this.#isTold = true;
    logger.warn('throttle.degraded', { counted: 'by this process alone, to half of each limit' });
  }

  #works(): void {
    const { logger, monotonic } = this.#insurance;
    if (!this.#isDegraded) return;
    this.#isDegraded = false;
    if (!this.#isTold) return;
    this.#isTold = false;
    this.#toldAt = monotonic.now();
    logger.info('throttle.healed');
  }
}
