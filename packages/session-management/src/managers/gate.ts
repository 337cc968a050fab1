import { ManagerClosedError } from '../types/index.ts';

/** Lets calls in until it is closed, and tells when the last one has left. */
export class Gate {
  #running = 0;
  #closed = false;
  #empty: (() => void) | null = null;

  async pass<T>(call: () => Promise<T>): Promise<T> {
    this.enter();
    try {
      return await call();
    } finally {
      this.leave();
    }
  }

  /** Whoever enters leaves: what `pass` sees to. @throws {ManagerClosedError} */
  enter(): void {
    if (this.#closed) throw new ManagerClosedError();
    this.#running += 1;
  }

  leave(): void {
    this.#running -= 1;
    if (this.#running === 0) this.#empty?.();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Refuses new calls; resolves when none runs. */
  close(): Promise<void> {
    this.#closed = true;
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#empty = resolve;
    });
  }
}
