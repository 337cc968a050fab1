import { DEFAULT_REALM, LIFETIMES } from '../policy/limits.ts';
import { digestOf, isPresentable } from '../policy/session-id.ts';
import { userOf } from '../policy/session-view.ts';
import { hashOf, withHash, withoutSecrets } from '../policy/user.ts';
import { planNewUser, planUserUpdate } from '../policy/user-update.ts';
import {
  type ChangeUserOptions,
  type CreateUserData,
  EmailTakenError,
  type LiveSession,
  ProofOutdatedError,
  type User,
  type UserChange,
  type UserRecords,
  type UserSnapshot,
} from '../types/index.ts';
import { answerOf, liveSessionOf, userCopyOf } from './memory-answers.ts';
import type { MemoryDatabase, UserRow } from './memory-database.ts';
import { rotateKept } from './memory-rotation.ts';
import { digestsOf } from './memory-sessions.ts';

/**
 * The users of mock mode: the domain's own manager, with the rules that the table `"User"` has.
 *
 * @param newHandle - Gives the public name of a session that a written `sessionId` opens.
 */
export class MemoryUserAdapter implements UserRecords {
  readonly #db: MemoryDatabase;
  readonly #newHandle: () => string;

  constructor(database: MemoryDatabase, newHandle: () => string) {
    this.#db = database;
    this.#newHandle = newHandle;
  }

  async findByEmail(email: string): Promise<User | null> {
    const user = await this.#db.users.findByEmail(email);
    return user ? withHash(user) : null;
  }

  async findById(id: string): Promise<User | null> {
    const user = await this.#db.users.findById(id);
    return user ? withHash(user) : null;
  }

  async findBySessionId(sessionId: string): Promise<User | null> {
    if (!isPresentable(sessionId)) return null;
    return this.#db.exclusive(async () => {
      const answer = await answerOf(this.#db, digestOf(sessionId));
      return answer.state === 'live' ? userOf(answer.live) : null;
    });
  }

  async create(userData: CreateUserData): Promise<User> {
    const { inbox, set } = planNewUser(userData);
    return this.#db.exclusive(async () => {
      const row = this.#db.observe(await orEmailTaken(this.#db.users.create(set)));
      if (inbox !== null) this.#open(row, inbox);
      return withoutSecrets(row.user);
    });
  }

  async update(id: string, data: Partial<User>): Promise<User | null> {
    return (await this.change(id, data))?.user ?? null;
  }

  async change(
    id: string,
    data: Partial<User>,
    options: ChangeUserOptions = {},
  ): Promise<UserChange | null> {
    const { clearSessionId, inbox, set } = planUserUpdate(data);
    return this.#db.exclusive(async () => {
      const before = await this.#db.rowOf(id);
      const floor = before?.floor;
      const live = before === null ? 0 : this.#db.liveSessionsOf(before).length;
      const { provedBy = null } = options;
      const isOutdated = provedBy !== null && before && provedBy !== hashOf(before.user);
      if (isOutdated) throw new ProofOutdatedError();
      const changed = await orEmailTaken(this.#db.users.update(id, set));
      if (floor === undefined || changed === null) return null;

      const row = this.#db.observe(changed, options.keepHandle);
      const isRaised = row.floor > floor;
      const rotated = isRaised ? rotateKept(this.#db, row, options) : null;
      const kept = isRaised ? this.#liveSessions(row) : [];
      const endedDigests = clearSessionId ? this.#clearInbox(row) : [];
      if (inbox !== null) this.#open(row, inbox);
      const copy = userCopyOf(row);
      const endedAll = isRaised ? live - kept.length : null;
      return { user: withoutSecrets(changed), copy, endedDigests, endedAll, kept, rotated };
    });
  }

  rehashPassword(id: string, from: string, to: string): Promise<boolean> {
    return this.#db.exclusive(async () => {
      const row = await this.#db.rowOf(id);
      if (row === null || row.user.hashedPassword !== from) return false;
      await this.#db.users.update(id, { hashedPassword: to });
      row.user.hashedPassword = to;
      return true;
    });
  }

  snapshot(id: string): Promise<UserSnapshot> {
    return this.#db.exclusive(async () => {
      const row = await this.#db.rowOf(id);
      return row === null
        ? { copy: null, version: this.#db.nextVersion() }
        : { copy: userCopyOf(row) };
    });
  }

  async page(after: string | null, limit: number): Promise<User[]> {
    const users = await this.#db.users.getAll();
    return users
      .filter(({ id }) => after === null || id > after)
      .sort((one, other) => (one.id < other.id ? -1 : 1))
      .slice(0, limit)
      .map(withoutSecrets);
  }

  count(): Promise<number> {
    return this.#db.users.count();
  }

  #liveSessions(row: UserRow): LiveSession[] {
    const now = this.#db.now();
    return this.#db.liveSessionsOf(row).map((session) => liveSessionOf(session, row, now));
  }

  /** A sessionId written into the column opens a session with a fixed end; what has ended stays so. */
  #open(row: UserRow, sessionId: string): void {
    const digest = digestOf(sessionId);
    row.inbox = digest;
    if (this.#db.sessionNamed(digest)) return;
    const now = this.#db.now();
    this.#db.insert({
      digest,
      handle: this.#newHandle(),
      userId: row.user.id,
      realm: DEFAULT_REALM,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: now + LIFETIMES.MAX_AGE,
      absoluteExpiresAt: now + LIFETIMES.MAX_AGE,
      ip: '',
      userAgent: null,
      stamp: row.counter,
      idVersion: row.version,
    });
  }

  /** Ends the session that the column names, if it is this user's. */
  #clearInbox(row: UserRow): string[] {
    const session = row.inbox === null ? undefined : this.#db.sessionNamed(row.inbox);
    row.inbox = null;
    if (session?.userId !== row.user.id) return [];
    if (session.revokedAt === null) this.#db.end(session, 'signed-out');
    return digestsOf(session);
  }
}

/** The domain's error is recognised by its code, since a bundler may load its module twice. */
async function orEmailTaken<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EMAIL_TAKEN') {
      throw new EmailTakenError();
    }
    throw error;
  }
}
