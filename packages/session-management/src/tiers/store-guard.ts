import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IDisposable,
} from 'cockatiel';
import {
  type EventSink,
  type Logger,
  SessionStoreUnavailableError,
  type StoreName,
} from '../types/index.ts';
import { within } from './deadline.ts';

export interface GuardOptions {
  store: StoreName;
  /** Longest wait for one answer, in milliseconds. */
  patienceMs: number;
  /** A trivial round trip, past the guard. */
  ping(): Promise<unknown>;
  /** Whether an error says nothing against the store: its own word, or a fault of ours. */
  isNoFault(error: unknown): boolean;
  /** An answer was given up: what it was to come on must not carry another. */
  abandoned?(): void;
  logger: Logger;
  events: EventSink;
  wall: { now(): number };
  /** A number from 0 to 1, for jitter. */
  random(): number;
}

/** Failures in a row after which a store counts as down. */
const FAILURES = 5;
/** Between two probes of a store that is down: from 250 ms, doubling, up to 2 s, with jitter. */
const FIRST_PROBE = 250;
const LAST_PROBE = 2_000;

/**
 * Stands before a store: bounds each wait, and stops asking a store that is down.
 *
 * While it is down, calls fail at once and a probe of its own finds out when it is back, so no
 * request pays for finding out. What the store answers with an error is no failure of the store.
 */
export class StoreGuard {
  readonly #options: GuardOptions;
  readonly #breaker = circuitBreaker(
    handleWhen((error) => !this.#options.isNoFault(error) && !this.#collateral.has(error)),
    { halfOpenAfter: LAST_PROBE, breaker: new ConsecutiveBreaker(FAILURES) },
  );
  /** Errors of calls that fell with the connection that another's late answer cost. */
  readonly #collateral = new WeakSet<Error>();
  #abandonments = 0;
  #degradedSince: number | null = null;
  #probe: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#breaker.onStateChange((state) => {
      if (state === CircuitState.Open) this.#goDown();
    });
  }

  /** Since when the store has been down, ms since the epoch; `null` while it works. */
  get degradedSince(): number | null {
    return this.#degradedSince;
  }

  /** @throws {SessionStoreUnavailableError} when the store is down or late; else what the call throws. */
  async run<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const { store } = this.#options;
    if (this.#degradedSince !== null) throw new SessionStoreUnavailableError(store, operation);
    return await this.#breaker.execute(() => this.#bounded(operation, call()));
  }

  close(): void {
    this.#closed = true;
    if (this.#probe !== null) clearTimeout(this.#probe);
  }

  /** One late answer is one failure, however many waited on the same connection. */
  async #bounded<T>(operation: string, answer: Promise<T>): Promise<T> {
    const { abandoned, patienceMs, store } = this.#options;
    const before = this.#abandonments;
    let isLate = false;
    const late = (): void => {
      isLate = true;
      if (abandoned === undefined) return;
      this.#abandonments += 1;
      abandoned();
    };
    try {
      return await within(patienceMs, store, operation, answer, late);
    } catch (error) {
      const fell = !isLate && this.#abandonments !== before && error instanceof Error;
      if (fell) this.#collateral.add(error);
      throw error;
    }
  }

  /** Isolated, not half-open: the way back is the probe's alone. */
  #goDown(): void {
    const { events, logger, store, wall } = this.#options;
    if (this.#degradedSince !== null) return;
    this.#degradedSince = wall.now();
    logger.warn('store.degraded', { store });
    events.tell({ kind: 'store-degraded', store });
    this.#probeAfter(FIRST_PROBE, this.#breaker.isolate());
  }

  #probeAfter(ms: number, isolation: IDisposable): void {
    if (this.#closed) return;
    const jittered = ms * (0.5 + this.#options.random() / 2);
    this.#probe = setTimeout(() => void this.#lookAgain(ms, isolation), jittered).unref();
  }

  async #lookAgain(ms: number, isolation: IDisposable): Promise<void> {
    const { events, logger, ping, store, wall } = this.#options;
    try {
      await this.#bounded('probe', ping());
    } catch {
      this.#probeAfter(Math.min(ms * 2, LAST_PROBE), isolation);
      return;
    }
    const downMs = wall.now() - (this.#degradedSince ?? wall.now());
    this.#degradedSince = null;
    isolation.dispose();
    logger.info('store.healed', { store, downMs });
    events.tell({ kind: 'store-healed', store, downMs });
  }
}
