import { hasCode, type Logger } from '../types/index.ts';

/**
 * Work whose failure harms nobody: the record has decided, a copy follows later.
 *
 * An outage is told at debug level, since the store's own change of state is told once elsewhere;
 * anything else is a defect and told as an error. Keeps what runs, so that `drain` can wait for it.
 */
export class Background {
  readonly #logger: Logger;
  readonly #running = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Runs behind the caller. */
  behind(operation: string, work: () => Promise<unknown>): void {
    void this.settle(operation, work);
  }

  /** Resolves when the work has ended, well or not. */
  settle(operation: string, work: () => Promise<unknown>): Promise<void> {
    const run = this.#attempt(operation, work).finally(() => this.#running.delete(run));
    this.#running.add(run);
    return run;
  }

  async drain(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #attempt(operation: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (hasCode(error, 'STORE_UNAVAILABLE')) {
        this.#logger.debug('session.copy_not_written', { operation });
      } else {
        this.#logger.error('session.copy_failed', { operation, error: nameOf(error) });
      }
    }
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
