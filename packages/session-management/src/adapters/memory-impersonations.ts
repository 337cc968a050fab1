import {
  ImpersonationRefusedError,
  type Impersonations,
  type LiveSession,
  type NewImpersonation,
  SessionRevokedError,
  UserNotFoundError,
} from '../types/index.ts';
import { liveSessionOf } from './memory-answers.ts';
import type { MemoryDatabase, UserRow } from './memory-database.ts';
import type { SessionRow } from './memory-sessions.ts';

/** Sessions of administrators in the place of users, in the memory of this process. */
export class MemoryImpersonations implements Impersonations {
  readonly #db: MemoryDatabase;

  constructor(database: MemoryDatabase) {
    this.#db = database;
  }

  open(session: NewImpersonation): Promise<LiveSession> {
    return this.#db.exclusive(async () => {
      const owner = await this.#db.rowOf(session.userId);
      if (owner === null) throw new UserNotFoundError();
      const actor = this.#db.session(session.actorDigest);
      const admin = actor ? await this.#db.rowOf(actor.userId) : null;
      if (!actor || admin === null || !this.#mayAct(session, actor, admin, owner)) {
        throw new ImpersonationRefusedError();
      }
      const row = this.#db.session(session.digest) ?? this.#insert(session, actor, owner);
      if (!this.#db.isLive(row, owner)) throw new SessionRevokedError();
      return liveSessionOf(row, owner, this.#db.now());
    });
  }

  #mayAct({ realm }: NewImpersonation, actor: SessionRow, admin: UserRow, owner: UserRow): boolean {
    const isAdministrator = this.#db.isLive(actor, admin) && admin.user.role === 'ADMIN';
    const isOwn = actor.actor === null && actor.realm === realm;
    return isAdministrator && isOwn && owner.user.role !== 'ADMIN';
  }

  #insert(
    { actorDigest: _actorDigest, ttlMs, ...given }: NewImpersonation,
    actor: SessionRow,
    owner: UserRow,
  ): SessionRow {
    const now = this.#db.now();
    const end = Math.min(now + ttlMs, actor.expiresAt);
    return this.#db.insert({
      ...given,
      createdAt: now,
      authenticatedAt: 0,
      lastSeenAt: now,
      expiresAt: end,
      absoluteExpiresAt: end,
      stamp: owner.counter,
      idVersion: owner.version,
      actor: { userId: actor.userId, handle: actor.handle },
    });
  }
}
