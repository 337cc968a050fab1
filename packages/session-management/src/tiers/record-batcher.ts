import type { RecordAnswer, SessionRecords } from '../types/index.ts';

/** Digests in one statement. */
const MOST = 500;

type Answers = Map<string, RecordAnswer>;

interface Batch {
  digests: Set<string>;
  answers: Promise<Answers>;
}

/**
 * Lookups that arrive together become one statement, and only so many statements run at once: what
 * comes meanwhile waits in one batch, so that a flood of lookups leaves connections for log-ins.
 *
 * A batch may be joined only until its statement is sent, so that every caller's answer was read
 * after the call began: a lookup that starts after a revoke is never given an answer from before it.
 */
export class RecordBatcher {
  readonly #records: Pick<SessionRecords, 'read'>;
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #open: Batch | null = null;

  /** @param most - Statements under way at once, at least 1. */
  constructor(records: Pick<SessionRecords, 'read'>, most: number) {
    this.#records = records;
    this.#most = most;
  }

  async read(digest: string): Promise<RecordAnswer> {
    const batch = this.#open ?? this.#begin();
    batch.digests.add(digest);
    if (batch.digests.size >= MOST) this.#open = null;

    const answers = await batch.answers;
    return answers.get(digest) ?? { state: 'unknown' };
  }

  /** Sent when the event loop has delivered what came in together, and a place is free. */
  #begin(): Batch {
    const digests = new Set<string>();
    const answers = this.#turn().then(async () => {
      if (this.#open === batch) this.#open = null;
      try {
        return await this.#records.read([...digests]);
      } finally {
        this.#giveUpTurn();
      }
    });
    const batch: Batch = { digests, answers };
    this.#open = batch;
    return batch;
  }

  async #turn(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.#running < this.#most) {
      this.#running += 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The place goes to who waits longest. */
  #giveUpTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
