import type { FastStoreMasters } from '../types/index.ts';

/**
 * Which masters of the fast store have heard of every end of the last W.
 *
 * A master is named by its run id, which changes with every restart and failover. One that was not
 * seen with all of that work done may hold copies of what has ended: nothing that it says counts.
 * Trust is given while PostgreSQL answers, and kept while it does not.
 */
export class TrustedMasters {
  readonly #masters: FastStoreMasters;
  #trusted: ReadonlySet<string> = new Set();

  constructor(masters: FastStoreMasters) {
    this.#masters = masters;
  }

  /** The trusted master that a key's commands go to; `null` while there is none. */
  ownerOf(key: string): string | null {
    const owner = this.#masters.ownerOf(key);
    return owner !== null && this.#trusted.has(owner) ? owner : null;
  }

  trustsAll(masters: readonly string[]): boolean {
    return masters.every((master) => this.#trusted.has(master));
  }

  /** From now on these, and none of before. */
  trust(masters: readonly string[]): void {
    this.#trusted = new Set(masters);
  }
}
