import { isExpired } from '../policy/expiry.ts';
import { policyOf, rulesOf } from '../policy/realm-policy.ts';
import { renewedLife } from '../policy/renewal.ts';
import type {
  MonotonicClock,
  Renewal,
  SessionCopy,
  SessionPolicies,
  SessionRecords,
  SessionUse,
  StoreClock,
} from '../types/index.ts';
import { GatheredWrites, type Pace } from './gathered-writes.ts';
import type { KnownChanges } from './known-changes.ts';
import type { OwnChanges } from './own-changes.ts';

/** Longest wait for others, and shortest time between two tries for one session, in milliseconds. */
const SECOND = 1_000;
/** Sessions of which it is remembered that they were tried within that time. */
const REMEMBERED = 10_000;

/** A session to renew, and the version of the copy that said so. */
interface Noted extends Renewal {
  version: number;
}

export interface RenewalParts {
  records: Pick<SessionRecords, 'renew'>;
  own: Pick<OwnChanges, 'end' | 'replace'>;
  changes: KnownChanges;
  policies: SessionPolicies;
  clock: StoreClock;
  monotonic: MonotonicClock;
  /** Waits for a write to a copy; a failure is reported and harms nobody for longer than F. */
  settle(operation: string, work: () => Promise<unknown>): Promise<void>;
}

/**
 * Keeps sessions in use alive, off the request's path: the record moves the end of those that are
 * due, many in one statement, and the fast copies follow.
 *
 * Whether a session is due is read from its copy, whose end moves with each renewal: once one
 * process has renewed it, the others have nothing to do. Until the copy follows it says too early
 * an end, and what is past its end is asked of the record.
 */
export class Renewals {
  readonly #parts: RenewalParts;
  readonly #due: GatheredWrites<Noted>;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
    this.#due = new GatheredWrites((due) => this.#renew(due), parts.monotonic, REMEMBERED);
  }

  /** Takes note of a use; whether the record is told of it, and so that the session was seen. */
  note(use: SessionUse): boolean {
    const { clock, policies } = this.#parts;
    const { handle, realm, role, version } = use;
    const { absoluteMs, idle } = rulesOf(policyOf(policies, realm), role);
    const now = clock.now();
    if (now === null || renewedLife(use, { absoluteMs, idle }, now) === null) return false;
    const pace = paceOf(idle?.updateAgeMs ?? SECOND);
    this.#due.add(handle, { handle, version, absoluteMs, idle }, pace);
    return true;
  }

  /** Writes what waits. What cannot be written is due again at the session's next use. */
  flush(): Promise<void> {
    return this.#due.flush();
  }

  async #renew(due: readonly Noted[]): Promise<void> {
    const sentAt = this.#parts.monotonic.now();
    const renewed = await this.#parts.records.renew(due);
    const { changes, own, settle } = this.#parts;
    const known = new Map(due.map(({ handle, version }) => [handle, version]));
    const ended = renewed.filter(hasEnded);
    const live = renewed.filter((session) => !hasEnded(session));
    for (const { digest } of ended) changes.sessionEnded(digest);
    for (const { digest, handle, version } of live) {
      // What only moved forward contradicts no copy, and what is remembered is bounded.
      if (version !== known.get(handle)) changes.sessionChanged(digest, version);
    }
    await settle('renew', () =>
      Promise.all([
        ...live.map((session) => own.replace(session, sentAt)),
        ...ended.map(({ digest, realm }) => own.end([digest], realm)),
      ]),
    );
  }
}

/** A use counts in good time: with a short update age it waits for half of that at most. */
function paceOf(updateAgeMs: number): Pace {
  return { every: Math.min(SECOND, updateAgeMs), wait: Math.min(SECOND, updateAgeMs / 2) };
}

function hasEnded({ confirmedAt, expiresAt }: SessionCopy): boolean {
  return isExpired(expiresAt, confirmedAt);
}
