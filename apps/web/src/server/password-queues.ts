import { AsyncLocalStorage } from 'node:async_hooks';
import { watchHashQueue } from '@repo/session-management/node';
import pLimit from 'p-limit';

/** Does so many works at once; so many more wait for their turn, first come, first served. */
class WorkQueue {
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #mostWaiting: number;
  /** In the line, but nobody waits for them any more. */
  #abandoned = 0;

  constructor(atOnce: number, mostWaiting: number) {
    this.#limit = pLimit(atOnce);
    this.#mostWaiting = mostWaiting;
  }

  get waiting(): number {
    return this.#limit.pendingCount - this.#abandoned;
  }

  /** Whether what comes now would have to be refused. */
  get isFull(): boolean {
    return this.waiting >= this.#mostWaiting;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#limit(work);
  }

  /** As `run`, for somebody who may leave: the place is free from then on, in the line or at work. */
  async runUntil(left: Promise<void>, work: () => Promise<unknown>): Promise<void> {
    await this.runUnlessLeft(left, () => Promise.race([left, work()]));
  }

  /** As `run`; nothing is done, and `null` is the answer, for somebody who has left by their turn. */
  runUnlessLeft<T>(left: Promise<void>, work: () => Promise<T>): Promise<T | null> {
    let waits = true;
    let isGone = false;
    void left.then(() => {
      isGone = true;
      if (waits) this.#abandoned += 1;
    });
    return this.#limit(async () => {
      waits = false;
      if (!isGone) return await work();
      this.#abandoned -= 1;
      return null;
    });
  }
}

/** What stands between a rush of passwords and everybody else. */
interface PasswordQueues {
  /** Each hash takes 19 MiB and a core: two at once leave the rest of the machine to everybody else. */
  hashes: WorkQueue;
  /**
   * Requests with a password that the server lets in. Four keep two hashes going while the others
   * speak to the stores, and hold up nobody else's request; a hundred and twenty-eight are answered
   * within about a second.
   */
  requests: WorkQueue;
}

/** A bundler loads this module once for the start and once for the routes: both mean the same ones. */
const QUEUES = Symbol.for('@repo/web/password-queues');
const DEPARTURES = Symbol.for('@repo/web/departures');

/** When whoever sent the request that is worked on no longer waits for its answer. */
export function departures(): AsyncLocalStorage<Promise<void>> {
  const known: AsyncLocalStorage<Promise<void>> | undefined = Reflect.get(globalThis, DEPARTURES);
  const storage = known ?? new AsyncLocalStorage<Promise<void>>();
  Reflect.set(globalThis, DEPARTURES, storage);
  return storage;
}

export function passwordQueues(): PasswordQueues {
  const known: PasswordQueues | undefined = Reflect.get(globalThis, QUEUES);
  return known ?? newQueues();
}

function newQueues(): PasswordQueues {
  const queues = { hashes: new WorkQueue(2, 64), requests: new WorkQueue(4, 128) };
  Reflect.set(globalThis, QUEUES, queues);
  watchHashQueue(() => queues.hashes.waiting + queues.requests.waiting);
  return queues;
}
