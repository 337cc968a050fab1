import type { MonotonicClock, RecordAnswer, StoreClock } from '../types/index.ts';
import type { KnownChanges } from './known-changes.ts';
import type { RecordBatcher } from './record-batcher.ts';

/** An answer of the record, and when it was asked for (monotonic). */
export interface Asked {
  answer: RecordAnswer;
  sentAt: number;
}

export interface QuestionParts {
  batcher: RecordBatcher;
  changes: KnownChanges;
  clock: StoreClock;
  monotonic: MonotonicClock;
}

/** Asks the record about sessions, and takes its time from the answers. */
export class RecordQuestions {
  readonly #parts: QuestionParts;

  constructor(parts: QuestionParts) {
    this.#parts = parts;
  }

  /**
   * Asked once more where the answer is older than what this process has seen: most likely it was read
   * before that. Where it is older still, the record has lost what was seen, and its word counts.
   */
  async ask(digest: string): Promise<Asked> {
    const { changes } = this.#parts;
    const first = await this.#askOnce(digest);
    const { answer } = first;
    if (answer.state !== 'live' || changes.judge(answer.live) !== 'outdated') return first;

    const known = changes.knownOf(answer.live);
    const again = await this.#askOnce(digest);
    if (again.answer.state === 'live') changes.unlearn(again.answer.live, known);
    return again;
  }

  async #askOnce(digest: string): Promise<Asked> {
    const { batcher, clock, monotonic } = this.#parts;
    const sentAt = monotonic.now();
    const answer = await batcher.read(digest);
    if (answer.state === 'live') clock.observe(answer.live.session.confirmedAt, sentAt);
    return { answer, sentAt };
  }
}
