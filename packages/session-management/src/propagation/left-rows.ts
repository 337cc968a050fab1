import { LIMITS } from '../policy/limits.ts';
import type { OutboxRow, OutboxRowName } from '../types/index.ts';

/** How long whoever made a change has to carry it by itself, in milliseconds. */
const OWNERS_TIME = 200;
/** Before each further try, in milliseconds; the last one again and again. */
const PAUSES = [1_000, 2_000, 5_000];

interface Left extends OutboxRowName {
  dueAt: number;
  failures: number;
  failedAt: number | null;
}

/** Rows that were seen and still stand there: when each is to be tried. By the steady clock, in milliseconds. */
export class LeftRows {
  readonly #rows = new Map<string, Left>();

  get size(): number {
    return this.#rows.size;
  }

  /** Whether this row was seen before. */
  knows(row: OutboxRowName): boolean {
    return this.#rows.has(keyOf(row));
  }

  /** Seen for the first time: in a while its owner has carried it. A clock that was set back delays nothing. */
  see({ ageMs, id, xact }: OutboxRow, now: number): void {
    const left = Math.min(OWNERS_TIME, Math.max(0, OWNERS_TIME - ageMs));
    this.#rows.set(keyOf({ id, xact }), {
      id,
      xact,
      dueAt: now + left,
      failures: 0,
      failedAt: null,
    });
  }

  due(now: number): OutboxRowName[] {
    return [...this.#rows.values()].filter(({ dueAt }) => dueAt <= now);
  }

  /** Carried, or gone. */
  forget(row: OutboxRowName): void {
    this.#rows.delete(keyOf(row));
  }

  /** `false` when it has been tried for W: no copy of before it is believed any more. */
  failed(row: OutboxRowName, now: number): boolean {
    const left = this.#rows.get(keyOf(row));
    if (left === undefined) return true;
    left.failedAt ??= now;
    left.dueAt = now + (PAUSES[left.failures] ?? PAUSES.at(-1) ?? 0);
    left.failures += 1;
    return now - left.failedAt < LIMITS.W;
  }

  clear(): void {
    this.#rows.clear();
  }
}

function keyOf({ id, xact }: OutboxRowName): string {
  return `${xact} ${id}`;
}
