import { enderOf } from '../policy/ender.ts';
import { DEFAULT_REALM } from '../policy/limits.ts';
import { lastingOf, namedOf } from '../policy/session-view.ts';
import {
  type ByRole,
  type EndedSessions,
  type EndIntents,
  type EndReason,
  type EventSink,
  hasCode,
  type LiveSession,
  type MonotonicClock,
  type NewSession,
  type SessionKeeper,
  type SessionRecords,
  type StoreClock,
  type UserChange,
} from '../types/index.ts';
import type { FastCopies } from './fast-copies.ts';
import type { KnownChanges } from './known-changes.ts';
import { saidAgain } from './said-again.ts';

export interface WriteParts {
  records: SessionRecords;
  copies: FastCopies;
  intents: EndIntents;
  changes: KnownChanges;
  clock: StoreClock;
  monotonic: MonotonicClock;
  events: EventSink;
  /** A digest has become a session. */
  opened(digest: string): void;
  /** Waits for a write to a copy; a failure is reported and harms nobody for longer than F. */
  settle(operation: string, work: () => Promise<unknown>): Promise<void>;
}

/**
 * Changes sessions in the one order that is safe: the record commits, this process remembers,
 * the fast copies follow, then the caller is told.
 *
 * A failure of the record is thrown and nothing else has happened; a failure of a copy is not,
 * since the record already decides.
 */
export class SessionWrites implements SessionKeeper {
  readonly #parts: WriteParts;

  constructor(parts: WriteParts) {
    this.#parts = parts;
  }

  async create(session: NewSession): Promise<LiveSession> {
    const { clock, copies, events, monotonic, opened, records, settle } = this.#parts;
    const sentAt = monotonic.now();
    const { madeRoom, ...live } = await saidAgain(() => records.create(session));
    clock.observe(live.session.confirmedAt, sentAt);
    opened(session.digest);
    await this.#revoked(madeRoom, session.realm, 'limit');
    events.tell({ kind: 'created', ...lastingOf(live.session) });
    await settle('fill', () => copies.fill(live));
    return live;
  }

  opened(digest: string): void {
    this.#parts.opened(digest);
  }

  async extend(digest: string, ttlMs: number, ttlOfRole?: ByRole<number>): Promise<void> {
    const { events, records } = this.#parts;
    const live = await this.#changed('extend', await records.extend(digest, ttlMs, ttlOfRole));
    if (live !== null) events.tell({ kind: 'extended', ...lastingOf(live.session) });
  }

  async confirmIdentity(digest: string): Promise<boolean> {
    const { events, records } = this.#parts;
    const live = await this.#changed('confirm-identity', await records.confirmIdentity(digest));
    if (live !== null) events.tell({ kind: 'identity-confirmed', ...namedOf(live.session) });
    return live !== null;
  }

  async endByDigest(digest: string, realm: string, reason: EndReason): Promise<number> {
    try {
      const ended = await this.#parts.records.endByDigest(digest, reason);
      await this.#revoked(ended, realm, reason, ended.actor);
      return ended.count;
    } catch (error) {
      if (hasCode(error, 'STORE_UNAVAILABLE')) await this.#intend(digest, realm);
      throw error;
    }
  }

  async endByHandle(
    userId: string,
    realm: string,
    handle: string,
    reason: EndReason,
    actor?: string,
  ): Promise<number> {
    const ended = await this.#parts.records.endByHandle(userId, realm, handle, reason, actor);
    await this.#revoked(ended, realm, reason, actor);
    return ended.count;
  }

  async endOthers(
    userId: string,
    realm: string,
    keepHandle: string,
    reason: EndReason,
    actor?: string,
  ): Promise<number> {
    const ended = await this.#parts.records.endOthers(userId, realm, keepHandle, reason, actor);
    await this.#revoked(ended, realm, reason, actor);
    return ended.count;
  }

  /** One row and one key end all of a user's sessions: their epoch is below the user's. */
  async endAll(userId: string, reason: EndReason, actor?: string): Promise<number> {
    const { changes, copies, events, records, settle } = this.#parts;
    const { count, user } = await records.endAll(userId, reason, actor);
    if (user === null) return 0;
    changes.userChanged(user);
    const ender = enderOf(userId, reason, actor);
    const fact = {
      kind: 'all-revoked',
      userId,
      keptHandle: null,
      count,
      reason,
      ...ender,
    } as const;
    if (count > 0) events.tell(fact);
    await settle('end-all', () => copies.users.put(user));
    return count;
  }

  async userChanged(change: UserChange, opened: string | null): Promise<void> {
    const { changes, copies, settle } = this.#parts;
    changes.userChanged(change.copy);
    if (opened !== null) this.#parts.opened(opened);
    for (const { session } of change.kept) changes.sessionChanged(session.digest, session.version);
    if (change.endedAll !== null) this.#tellPasswordChanged(change, change.endedAll);
    await this.#ended(change.endedDigests, DEFAULT_REALM);
    await settle('change-user', () =>
      Promise.all([
        copies.users.put(change.copy),
        ...change.kept.map(({ session }) => copies.sessions.replace(session)),
      ]),
    );
  }

  /** Carries a changed session to the copies; `null` where none lives that could have changed. */
  async #changed(operation: string, live: LiveSession | null): Promise<LiveSession | null> {
    const { changes, copies, settle } = this.#parts;
    if (live === null || changes.judge(live) === 'ended') return null;
    changes.sessionChanged(live.session.digest, live.session.version);
    await settle(operation, () => copies.sessions.replace(live.session));
    return live;
  }

  /** Not acknowledged, but not forgotten: the copy is blocked, and the end waits for the record. */
  async #intend(digest: string, realm: string): Promise<void> {
    const { copies, intents, settle } = this.#parts;
    await settle('intend', () =>
      Promise.all([copies.sessions.block(digest, realm), intents.add({ digest, realm })]),
    );
  }

  #tellPasswordChanged({ copy, kept }: UserChange, count: number): void {
    this.#parts.events.tell({
      kind: 'all-revoked',
      userId: copy.user.id,
      keptHandle: kept[0]?.session.handle ?? null,
      count,
      reason: 'password-changed',
      ...enderOf(copy.user.id, 'password-changed'),
    });
  }

  async #revoked(
    { digests, ended }: EndedSessions,
    realm: string,
    reason: EndReason,
    actor?: string,
  ): Promise<void> {
    for (const session of ended) {
      const ender = enderOf(session.userId, reason, actor);
      this.#parts.events.tell({ kind: 'revoked', ...session, reason, ...ender });
    }
    await this.#ended(digests, realm);
  }

  async #ended(digests: readonly string[], realm: string): Promise<void> {
    const { changes, copies, settle } = this.#parts;
    for (const digest of digests) changes.sessionEnded(digest);
    if (digests.length > 0) await settle('end', () => copies.sessions.end(digests, realm));
  }
}
