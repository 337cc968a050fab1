import { hasCode, type Logger, SessionStoreUnavailableError } from '../types/index.ts';

/** One line when propagation comes to a halt, one when it goes on. The rows wait meanwhile. */
export class HaltNotices {
  halted = false;
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param error - Why a look failed; `null`: it did not. */
  tell(error: unknown): void {
    const halted = error !== null;
    if (halted === this.halted) return;
    this.halted = halted;
    if (!halted) this.#logger.info('session.propagation_resumed');
    else if (hasCode(error, 'STORE_UNAVAILABLE'))
      this.#logger.warn('session.propagation_halted', reasonOf(error));
    else this.#logger.error('session.propagation_halted', reasonOf(error));
  }
}

function reasonOf(error: unknown): Record<string, unknown> {
  if (error instanceof SessionStoreUnavailableError) {
    return { store: error.store, operation: error.operation };
  }
  return { error: error instanceof Error ? error.name : typeof error };
}
