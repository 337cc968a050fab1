import { ttlToMs } from '../policy/expiry.ts';
import { DEFAULT_REALM, LIMITS } from '../policy/limits.ts';
import { isFresh, policyOf, rulesOf } from '../policy/realm-policy.ts';
import { digestOf, isPresentable, isText } from '../policy/session-id.ts';
import { termsOfExtension, termsOfNew } from '../policy/session-terms.ts';
import { sessionOf, userOf } from '../policy/session-view.ts';
import { labelOf } from '../policy/text.ts';
import { withoutSecrets } from '../policy/user.ts';
import {
  type CleanupOptions,
  type CleanupReport,
  type CreateSessionOptions,
  type CreateUserData,
  type HealthReport,
  IdentityNotFreshError,
  ImpersonationRefusedError,
  type ListSessionsOptions,
  type ListUsersOptions,
  type LogInAttempt,
  ManagerClosedError,
  type ManagerParts,
  type RealmPolicy,
  type RevokeOptions,
  type SafeUser,
  type Session,
  type SessionListEntry,
  type SessionMetadata,
  type SessionRotation,
  type SessionValidation,
  type UpdateUserOptions,
  type User,
  type UserManager,
  type ValidateOptions,
} from '../types/index.ts';
import { allOf } from './all-users.ts';
import { changeUser } from './change-user.ts';
import { cleanedUp } from './cleaned-up.ts';
import { Gate } from './gate.ts';
import { rotatedSession } from './rotation.ts';
import { active, actorOf, boundedWhole, entryOf, none, originOf, told } from './shapes.ts';

/**
 * The verbs, over whatever stores the parts hold. Knows no driver, no environment and no clock:
 * mock mode and production differ in what is handed in, never in what is done.
 *
 * Longer than other files: one verb after the other, none of which another file would explain.
 */
export class SessionUserManager implements UserManager {
  readonly policy: Readonly<RealmPolicy>;
  readonly #parts: ManagerParts;
  readonly #realm: string;
  readonly #gate = new Gate();
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;

  constructor(parts: ManagerParts, realm: string = DEFAULT_REALM) {
    this.#parts = parts;
    this.#realm = realm;
    this.policy = policyOf(parts.policies, realm);
  }

  findByEmail(email: string): Promise<User | undefined> {
    return this.#gate.pass(async () => (await this.#parts.users.findByEmail(email)) ?? undefined);
  }

  findById(id: string): Promise<User | undefined> {
    return this.#gate.pass(async () => (await this.#parts.users.findById(id)) ?? undefined);
  }

  async findBySessionId(sessionId: string): Promise<User | undefined> {
    const found = await this.validateSession(sessionId);
    return found.status === 'active' ? found.user : undefined;
  }

  create(userData: CreateUserData): Promise<User> {
    return this.#gate.pass(async () => {
      const user = await this.#parts.users.create(userData);
      if (userData.sessionId) this.#parts.keeper.opened(digestOf(userData.sessionId));
      return withoutSecrets(user);
    });
  }

  update(id: string, updateData: Partial<User>, options?: UpdateUserOptions): Promise<User | null> {
    return this.#gate.pass(() =>
      changeUser(this.#parts, this.#realm, id, updateData, options ?? {}),
    );
  }

  rehashPassword(id: string, from: string, to: string): Promise<boolean> {
    return this.#gate.pass(() => this.#parts.users.rehashPassword(id, from, to));
  }

  validateSession(sessionId: string, options?: ValidateOptions): Promise<SessionValidation> {
    if (this.#gate.isClosed) return Promise.reject(new ManagerClosedError());
    if (sessionId === undefined || sessionId === null || sessionId === '') return told('absent');
    if (!isText(sessionId)) return told('malformed');

    // Most calls end here: what is known under this digest is no malformed sessionId.
    const digest = digestOf(sessionId, this.#realm);
    const confirm = options?.fresh === true || options?.confirm === true;
    const near = confirm ? null : this.#parts.finder.recall(digest);
    if (near !== null) return Promise.resolve(this.#admit(near.user, near.shown, options));
    if (!isPresentable(sessionId)) return told('malformed');
    return this.#lookUp(digest, confirm, sessionId, options);
  }

  createSession(
    userId: string,
    metadata: SessionMetadata,
    ttl: number,
    { provedBy = null }: CreateSessionOptions = {},
  ): Promise<string> {
    return this.#gate.pass(async () => {
      const ttlMs = ttlToMs(ttl);
      const sessionId = this.#parts.newSessionId();
      const opening = this.#opening(sessionId, userId, metadata, ttlMs);
      await this.#parts.keeper.create({ ...opening, ...termsOfNew(this.policy, ttlMs), provedBy });
      return sessionId;
    });
  }

  impersonate(
    actorSessionId: string,
    userId: string,
    metadata: SessionMetadata,
    ttl: number,
  ): Promise<string> {
    return this.#gate.pass(async () => {
      const ttlMs = Math.min(ttlToMs(ttl), LIMITS.IMPERSONATION);
      if (!isPresentable(actorSessionId)) throw new ImpersonationRefusedError();
      const sessionId = this.#parts.newSessionId();
      const actorDigest = digestOf(actorSessionId, this.#realm);
      const opening = this.#opening(sessionId, userId, metadata, ttlMs);
      await this.#parts.impersonate({ ...opening, actorDigest });
      return sessionId;
    });
  }

  deleteSession(sessionId: string): Promise<void> {
    return this.#gate.pass(async () => {
      if (!isPresentable(sessionId)) return;
      const digest = digestOf(sessionId, this.#realm);
      const { keeper, takeOver } = this.#parts;
      const fault = await takeOver(sessionId, digest, this.#realm);
      const ended = await keeper.endByDigest(digest, this.#realm, 'signed-out');
      if (ended === 0 && fault !== null) throw fault;
    });
  }

  extendSession(sessionId: string, ttl: number): Promise<void> {
    return this.#gate.pass(async () => {
      const terms = termsOfExtension(this.policy, ttlToMs(ttl));
      if (!isPresentable(sessionId)) return;
      await this.#parts.keeper.extend(digestOf(sessionId, this.#realm), ...terms);
    });
  }

  rotateSession(sessionId: string): Promise<SessionRotation> {
    return this.#gate.pass(() => rotatedSession(this.#parts, this.#realm, sessionId));
  }

  confirmIdentity(sessionId: string): Promise<boolean> {
    return this.#gate.pass(async () => {
      if (!isPresentable(sessionId)) return false;
      return await this.#parts.keeper.confirmIdentity(digestOf(sessionId, this.#realm));
    });
  }

  guardLogIn<T extends object>(
    attempt: LogInAttempt,
    check: () => Promise<T | null | undefined>,
  ): Promise<T | null> {
    return this.#gate.pass(() => this.#parts.throttle.guardLogIn(attempt, check));
  }

  guardSignUp<T>(attempt: LogInAttempt, work: () => Promise<T>): Promise<T> {
    return this.#gate.pass(() => this.#parts.throttle.guardSignUp(attempt, work));
  }

  listSessions(
    userId: string,
    { after, current, limit = 1_000 }: ListSessionsOptions = {},
  ): Promise<SessionListEntry[]> {
    return this.#gate.pass(async () => {
      const { describeDevice, records } = this.#parts;
      const page = { after: after ?? null, limit: boundedWhole('limit', limit, 1_000) };
      const listed = await records.list(userId, this.#realm, page);
      return listed.map((session) =>
        entryOf(session, describeDevice(session.userAgent), session.handle === current),
      );
    });
  }

  countSessions(most = 10_000): Promise<number> {
    return this.#gate.pass(() =>
      this.#parts.records.count(this.#realm, boundedWhole('most', most, 100_000)),
    );
  }

  labelSession(userId: string, handle: string, label: string): Promise<boolean> {
    return this.#gate.pass(() =>
      this.#parts.records.label(userId, this.#realm, handle, labelOf(label)),
    );
  }

  revokeSession(userId: string, handle: string, options?: RevokeOptions): Promise<number> {
    const actor = actorOf(options);
    return this.#gate.pass(() =>
      this.#parts.keeper.endByHandle(userId, this.#realm, handle, 'revoked', actor),
    );
  }

  revokeOtherSessions(
    userId: string,
    keepHandle: string,
    options?: RevokeOptions,
  ): Promise<number> {
    const actor = actorOf(options);
    return this.#gate.pass(() =>
      this.#parts.keeper.endOthers(userId, this.#realm, keepHandle, 'revoked-others', actor),
    );
  }

  revokeAllSessions(userId: string, options?: RevokeOptions): Promise<number> {
    const actor = actorOf(options);
    return this.#gate.pass(() => this.#parts.keeper.endAll(userId, 'revoked-all', actor));
  }

  getAll(): Promise<User[]> {
    return this.#gate.pass(() => allOf((after, limit) => this.#page(after, limit)));
  }

  count(): Promise<number> {
    return this.#gate.pass(() => this.#parts.users.count());
  }

  listUsers(options: ListUsersOptions = {}): Promise<User[]> {
    return this.#gate.pass(() =>
      this.#page(options.after ?? null, boundedWhole('limit', options.limit ?? 100, 1_000)),
    );
  }

  cleanup(options: CleanupOptions = {}): Promise<CleanupReport> {
    return this.#gate.pass(() => cleanedUp(this.#parts, options, this.closing));
  }

  health(): Promise<HealthReport> {
    return this.#gate.pass(() => this.#parts.health());
  }

  /** Whether `close` was called: every other verb is refused from then on. */
  get isClosed(): boolean {
    return this.#gate.isClosed;
  }

  /** Aborted when `close` is called. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= this.#gate.close().then(() => this.#parts.release());
    return this.#closed;
  }

  /** Enters by itself: of all verbs, this one is called most. */
  async #lookUp(
    digest: string,
    confirm: boolean,
    sessionId: string,
    options: ValidateOptions | undefined,
  ): Promise<SessionValidation> {
    this.#gate.enter();
    try {
      const finding = await this.#parts.finder.find(digest, this.#realm, confirm, sessionId);
      if (finding.state !== 'active') return none(finding.state);
      const { session, user } = finding.live;
      const answer = this.#admit(userOf(finding.live), sessionOf(session), options);
      const asksFresh = options?.fresh === true && answer.status === 'active';
      const isStale = asksFresh && !isFresh(session, rulesOf(this.policy, user.user.role));
      if (isStale) throw new IdentityNotFreshError();
      return answer;
    } finally {
      this.#gate.leave();
    }
  }

  #admit(user: SafeUser, session: Session, options?: ValidateOptions): SessionValidation {
    const { binding } = rulesOf(this.policy, user.role);
    if (binding === null || options?.metadata === undefined) return active(user, session);
    const isAdmitted = this.#parts.origins.admits(session, options.metadata, binding);
    return isAdmitted ? active(user, session) : none('unknown');
  }

  #opening(sessionId: string, userId: string, metadata: SessionMetadata, ttlMs: number) {
    const realm = this.#realm;
    const names = { digest: digestOf(sessionId, realm), handle: this.#parts.newHandle() };
    return { ...names, userId, realm, ttlMs, ...originOf(metadata) };
  }

  async #page(after: string | null, limit: number): Promise<User[]> {
    return (await this.#parts.users.page(after, limit)).map(withoutSecrets);
  }
}
