import type { AuditLines } from './audit.ts';
import type { HealthReport } from './health.ts';
import type { NewImpersonation } from './impersonation.ts';
import type { RequestOrigin, SafeUser, Session } from './interfaces.ts';
import type { LegacyFault } from './legacy.ts';
import type { LookupTier } from './metrics.ts';
import type { ByRole, SessionBinding, SessionPolicies } from './policy.ts';
import type {
  EndReason,
  LiveSession,
  NewSession,
  Rotated,
  Rotation,
  SessionRecords,
} from './records.ts';
import type { SessionUse } from './session-use.ts';
import type { ThrottledWork } from './throttle.ts';
import type { UserChange, UserRecords } from './user-records.ts';

/** What is known about a digest, and which tier says so. What is not known is thrown. */
export type SessionFinding = { tier: LookupTier } & (
  | { state: 'active'; live: LiveSession }
  | { state: 'expired' | 'revoked' | 'unknown' }
);

/** A live session as it is shown, and its user. Shared by all who ask, so frozen. */
export interface KnownSession {
  readonly shown: Session;
  readonly user: SafeUser;
}

/** Finds sessions, through whatever tiers there are, and notes that they are used. */
export interface SessionFinder {
  /** What may be answered at once, without asking a store; `null` says nothing. */
  recall(digest: string): KnownSession | null;
  /** `confirm` asks the record whatever the copies say. @throws {SessionStoreUnavailableError} */
  find(digest: string, realm: string, confirm: boolean, sessionId: string): Promise<SessionFinding>;
}

/** Changes sessions: the record first, then what this process remembers, then the copies. */
export interface SessionKeeper {
  create(session: NewSession): Promise<LiveSession>;
  extend(digest: string, ttlMs: number, ttlOfRole?: ByRole<number>): Promise<void>;
  /** Whether there was a live session to mark. */
  confirmIdentity(digest: string): Promise<boolean>;
  /** How many there were, ended before or not: 0 or 1. */
  endByDigest(digest: string, realm: string, reason: EndReason): Promise<number>;
  /** How many ended. `actor`: who asked for it, if not the user. */
  endByHandle(
    userId: string,
    realm: string,
    handle: string,
    reason: EndReason,
    actor?: string,
  ): Promise<number>;
  endOthers(
    userId: string,
    realm: string,
    keepHandle: string,
    reason: EndReason,
    actor?: string,
  ): Promise<number>;
  endAll(userId: string, reason: EndReason, actor?: string): Promise<number>;
  /** A digest has become a session by other means than `create`: forget that it was unknown. */
  opened(digest: string): void;
  /** A user was changed; `opened` is the digest that the change made a session of, if it did. */
  userChanged(change: UserChange, opened: string | null): Promise<void>;
}

/** Gives sessions new sessionIds, in the same order as every change. */
export interface SessionRotator {
  /** @throws {SessionStoreUnavailableError} it may have rotated; `next` must not be given out. */
  rotate(digest: string, next: string): Promise<Rotation>;
  /** Another change has rotated a session. Whether it lives still. */
  carry(rotated: Rotated): Promise<boolean>;
}

/** Remembers that sessions were used, off the request's path. */
export interface SeenSessions {
  note(use: SessionUse): void;
}

/** Judges requests from elsewhere than where their session was opened, and tells of them. */
export interface OriginWatch {
  /** Whether the request may use the session. */
  admits(session: Session, origin: RequestOrigin, binding: SessionBinding): boolean;
}

/** Everything that a manager's verbs stand on. The rooms below are handed in; a manager opens nothing. */
export interface ManagerParts {
  users: UserRecords;
  records: Pick<SessionRecords, 'list' | 'count' | 'label' | 'markEnded' | 'deleteEnded'>;
  audit: AuditLines;
  finder: SessionFinder;
  keeper: SessionKeeper;
  rotator: SessionRotator;
  /** Makes a session of the document's design one of ours before it is ended. */
  takeOver(sessionId: string, digest: string, realm: string): Promise<LegacyFault>;
  /** Opens a session in the place of a user. */
  impersonate(session: NewImpersonation): Promise<void>;
  origins: OriginWatch;
  throttle: ThrottledWork;
  newSessionId(): string;
  newHandle(): string;
  /** A device by name, from its User-Agent. */
  describeDevice(userAgent: string | null): string;
  policies: SessionPolicies;
  health(): Promise<HealthReport>;
  /** Ends timers and connections. Called once, after the last running call. */
  release(): Promise<void>;
}
