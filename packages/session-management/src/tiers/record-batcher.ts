import type { RecordAnswer, SessionRecords } from '../types/index.ts';

/** Digests in one statement. */
const MOST = 500;

interface Batch {
  digests: Set<string>;
  answers: Promise<Map<string, RecordAnswer>>;
}

/**
 * Lookups that arrive together become one statement.
 *
 * A batch may be joined only until its statement is sent, so that every caller's answer was read
 * after the call began: a lookup that starts after a revoke is never given an answer from before it.
 */
export class RecordBatcher {
  readonly #records: Pick<SessionRecords, 'read'>;
  #open: Batch | null = null;

  constructor(records: Pick<SessionRecords, 'read'>) {
    this.#records = records;
  }

  async read(digest: string): Promise<RecordAnswer> {
    const batch = this.#open ?? this.#begin();
    batch.digests.add(digest);
    if (batch.digests.size >= MOST) this.#open = null;

    const answers = await batch.answers;
    return answers.get(digest) ?? { state: 'unknown' };
  }

  /** Sent when the event loop has delivered what came in together. */
  #begin(): Batch {
    const digests = new Set<string>();
    const answers = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      if (this.#open === batch) this.#open = null;
      return this.#records.read([...digests]);
    });
    const batch: Batch = { digests, answers };
    this.#open = batch;
    return batch;
  }
}
