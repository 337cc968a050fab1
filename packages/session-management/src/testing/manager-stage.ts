import { DEFAULT_POLICY } from '../policy/realm-policy.ts';
import type { Session, SessionEvent, SessionPolicies, User, UserManager } from '../types/index.ts';
import { newUser } from './samples.ts';

const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0';

/** The policies that the harness's managers stand under: the other realms have their own. */
export const STAGE_POLICIES: SessionPolicies = {
  standard: DEFAULT_POLICY,
  realms: {
    admin: {
      ...DEFAULT_POLICY,
      absoluteMs: 3_600_000,
      freshForMs: 2_000,
      limit: { most: 5, rule: 'end-oldest' },
      binding: { address: 'log', agent: 'strict' },
    },
    kiosk: {
      ...DEFAULT_POLICY,
      absoluteMs: 3_600_000,
      idle: { timeoutMs: 3_000, updateAgeMs: 300 },
      roles: {
        ADMIN: {
          ...DEFAULT_POLICY,
          absoluteMs: 20_000,
          idle: { timeoutMs: 2_000, updateAgeMs: 200 },
          freshForMs: 500,
          limit: { most: 1, rule: 'end-oldest' },
        },
      },
    },
  },
};

/** A manager to keep promises with, on stores that nobody else writes to. */
export interface UserManagerHarness {
  manager: UserManager;
  /** A manager of realm `admin` on the same stores. All stand under {@link STAGE_POLICIES}. */
  otherRealm: UserManager;
  /** A manager of realm `kiosk` on the same stores, where a session must be used to go on. */
  idleRealm: UserManager;
  /** What the hook of the stores' managers was given so far. */
  told: readonly SessionEvent[];
  /** Lets at least `ms` pass for the stores and the manager. */
  elapse(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** What the verbs' tests share: the harness, and what a test opens with it. */
export interface ManagerStage {
  harness(): UserManagerHarness;
  manager(): UserManager;
  /** A user of the test's own. */
  user(): Promise<User>;
  /** Signs the user in; the session's sessionId and public face. */
  signIn(userId: string, ttl?: number): Promise<{ sessionId: string; session: Session }>;
  /** What `validateSession` says in one word: the status, or the reason of none. */
  stateOf(sessionId: string): Promise<string>;
}

/** What a test does over and over, on the manager of the moment. */
export function stageOf(harness: () => UserManagerHarness): ManagerStage {
  const manager = (): UserManager => harness().manager;
  return {
    harness,
    manager,
    user: () => manager().create(newUser()),
    async signIn(userId, ttl = 60) {
      const sessionId = await manager().createSession(
        userId,
        { ip: '203.0.113.7', userAgent },
        ttl,
      );
      const found = await manager().validateSession(sessionId);
      if (found.status !== 'active') throw new Error(`a new session is ${found.reason}`);
      return { sessionId, session: found.session };
    },
    async stateOf(sessionId) {
      const found = await manager().validateSession(sessionId);
      return found.status === 'active' ? 'active' : found.reason;
    },
  };
}
