import { enderOf } from '../policy/ender.ts';
import { DEFAULT_REALM } from '../policy/limits.ts';
import { lastingOf, namedOf } from '../policy/session-view.ts';
import {
  type ByRole,
  type CreatedSession,
  type EndedSessions,
  type EndedUser,
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
import type { OwnChanges } from './own-changes.ts';
import { saidAgain } from './said-again.ts';

export interface WriteParts {
  records: SessionRecords;
  /** Opens a session in the record, together with others. */
  logIns: { open(session: NewSession): Promise<CreatedSession> };
  copies: FastCopies;
  own: OwnChanges;
  intents: Pick<EndIntents, 'add'>;
  changes: KnownChanges;
  clock: StoreClock;
  monotonic: MonotonicClock;
  events: EventSink;
  /** A digest has become a session. */
  opened(digest: string): void;
  /** Waits for a write to a copy; a failure is reported and harms nobody for longer than F. */
  settle(operation: string, work: () => Promise<unknown>): Promise<void>;
}

/** What is told of an end of many. */
interface ManyEnded {
  userId: string;
  realm: string | null;
  keptHandle: string | null;
  count: number;
  reason: EndReason;
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
    const { clock, copies, events, logIns, monotonic, opened, settle } = this.#parts;
    let sentAt = 0;
    const { madeRoom, ...live } = await saidAgain(() => {
      sentAt = monotonic.now();
      return logIns.open(session);
    });
    clock.observe(live.session.confirmedAt, sentAt);
    opened(session.digest);
    await this.#revoked(madeRoom, session.realm, 'limit');
    events.tell({ kind: 'created', ...lastingOf(live.session) });
    await settle('fill', () => copies.fill(live, sentAt));
    return live;
  }

  opened(digest: string): void {
    this.#parts.opened(digest);
  }

  async extend(digest: string, ttlMs: number, ttlOfRole?: ByRole<number>): Promise<void> {
    const { events, records } = this.#parts;
    const live = await this.#changed('extend', () => records.extend(digest, ttlMs, ttlOfRole));
    if (live !== null) events.tell({ kind: 'extended', ...lastingOf(live.session) });
  }

  async confirmIdentity(digest: string): Promise<boolean> {
    const { events, records } = this.#parts;
    const live = await this.#changed('confirm-identity', () => records.confirmIdentity(digest));
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
    return await this.#manyEnded(ended, { realm, keptHandle: keepHandle, reason }, actor);
  }

  async endAll(userId: string, reason: EndReason, actor?: string): Promise<number> {
    const ended = await this.#parts.records.endAll(userId, reason, actor);
    return await this.#manyEnded(ended, { realm: null, keptHandle: null, reason }, actor);
  }

  async userChanged(change: UserChange, opened: string | null): Promise<void> {
    const { changes, monotonic, own, settle } = this.#parts;
    const sentAt = monotonic.now();
    changes.userChanged(change.copy);
    if (opened !== null) this.#parts.opened(opened);
    for (const { session } of change.kept) changes.sessionChanged(session.digest, session.version);
    if (change.endedAll !== null) {
      const keptHandle = change.kept[0]?.session.handle ?? null;
      const { id: userId } = change.copy.user;
      const what = { realm: null, keptHandle, reason: 'password-changed' } as const;
      this.#tellMany({ ...what, userId, count: change.endedAll });
    }
    await this.#ended(change.endedDigests, DEFAULT_REALM);
    await settle('change-user', () =>
      Promise.all([
        own.putUser(change.copy),
        ...change.kept.map(({ session }) => own.replace(session, sentAt)),
      ]),
    );
  }

  /** Carries a changed session to the copies; `null` where none lives that could have changed. */
  async #changed(
    operation: string,
    change: () => Promise<LiveSession | null>,
  ): Promise<LiveSession | null> {
    const { changes, monotonic, own, settle } = this.#parts;
    const sentAt = monotonic.now();
    const live = await change();
    if (live === null || changes.judge(live) === 'ended') return null;
    changes.sessionChanged(live.session.digest, live.session.version);
    await settle(operation, () => own.replace(live.session, sentAt));
    return live;
  }

  /** Not acknowledged, but not forgotten: the copy is blocked, and the end waits for the record. */
  async #intend(digest: string, realm: string): Promise<void> {
    const { copies, intents, settle } = this.#parts;
    await settle('intend', () =>
      Promise.all([copies.sessions.block(digest, realm), intents.add({ digest, realm })]),
    );
  }

  /** One row and one key, whatever the number: no copy of before has the user's version. */
  async #manyEnded(
    { count, user }: EndedUser,
    what: Pick<ManyEnded, 'keptHandle' | 'realm' | 'reason'>,
    actor?: string,
  ): Promise<number> {
    const { changes, own, settle } = this.#parts;
    if (user === null) return 0;
    changes.userChanged(user);
    if (count > 0) this.#tellMany({ ...what, userId: user.user.id, count }, actor);
    await settle('end-many', () => own.putUser(user));
    return count;
  }

  #tellMany(what: ManyEnded, actor?: string): void {
    const ender = enderOf(what.userId, what.reason, actor);
    this.#parts.events.tell({ kind: 'all-revoked', ...what, ...ender });
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
    const { changes, own, settle } = this.#parts;
    for (const digest of digests) changes.sessionEnded(digest);
    if (digests.length > 0) await settle('end', () => own.end(digests, realm));
  }
}
