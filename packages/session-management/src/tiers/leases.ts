import type { PushFeed, PushSource } from '../types/index.ts';

/** A read under way of one key: broken as soon as the key changes, ends, or is no longer told of. */
interface Lease {
  key: string;
  feed: PushFeed;
  broken: boolean;
  holders: number;
}

/**
 * What is being read for the near copies.
 *
 * A reply and the news that its key has changed often arrive together, the news first, and then
 * the reply is old. So a lease is taken before the read is sent, and what was read may be kept
 * only if the lease is still whole when the reply is looked at.
 */
export class Leases {
  readonly #pushes: Pick<PushSource, 'feedOf'>;
  readonly #open = new Map<string, Lease>();

  constructor(pushes: Pick<PushSource, 'feedOf'>) {
    this.#pushes = pushes;
  }

  begin(): Reading {
    return new Reading(this.#pushes, this.#open);
  }

  break(key: string): void {
    const lease = this.#open.get(key);
    if (lease === undefined) return;
    lease.broken = true;
    this.#open.delete(key);
  }

  /** Leases that are held, for who watches that none leaks. */
  get size(): number {
    return this.#open.size;
  }
}

/** The leases of one lookup. */
export class Reading {
  readonly #pushes: Pick<PushSource, 'feedOf'>;
  readonly #open: Map<string, Lease>;
  /** So few that to look through them is quickest. */
  readonly #held: Lease[] = [];

  constructor(pushes: Pick<PushSource, 'feedOf'>, open: Map<string, Lease>) {
    this.#pushes = pushes;
    this.#open = open;
  }

  /** Call before the read of the key is sent. Where nobody tells of changes, nothing is leased. */
  lease(key: string): void {
    const feed = this.#pushes.feedOf(key);
    if (feed === null || this.#heldOf(key) !== undefined) return;
    let lease = this.#open.get(key);
    if (lease === undefined || lease.feed !== feed) {
      lease = { key, feed, broken: false, holders: 0 };
      this.#open.set(key, lease);
    }
    lease.holders += 1;
    this.#held.push(lease);
  }

  /** The feed under which the key was read, if nothing has happened to it since; else `null`. */
  feedOf(key: string): PushFeed | null {
    const lease = this.#heldOf(key);
    if (lease === undefined || lease.broken) return null;
    return this.#pushes.feedOf(key) === lease.feed ? lease.feed : null;
  }

  end(): void {
    for (const lease of this.#held.splice(0)) {
      lease.holders -= 1;
      const { holders, key } = lease;
      if (holders === 0 && this.#open.get(key) === lease) this.#open.delete(key);
    }
  }

  #heldOf(key: string): Lease | undefined {
    return this.#held.find((lease) => lease.key === key);
  }
}
