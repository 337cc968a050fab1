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
    let waits = true;
    let isGone = false;
    void left.then(() => {
      isGone = true;
      if (waits) this.#abandoned += 1;
    });
    await this.#limit(async () => {
      waits = false;
      if (isGone) this.#abandoned -= 1;
      else await Promise.race([left, work()]);
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

/** A bundler loads this module once for the start and once for the routes: both mean the same queues. */
const QUEUES = Symbol.for('@repo/web/password-queues');

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
