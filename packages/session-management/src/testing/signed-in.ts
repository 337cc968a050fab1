import type { CreateUserData, SafeUser, Session, UserManager } from '../types/index.ts';
import { newUser } from './samples.ts';

/** How long the session of a test lives, in seconds. */
const HOUR = 3_600;

/** A visitor who is signed in, and what the visitor's browser sends. */
export interface SignedIn {
  user: SafeUser;
  session: Session;
  sessionId: string;
  /** The value of the header `Cookie`. */
  cookie: string;
  /** For `fetch`, `new Request` and a tRPC caller's context. */
  headers: { cookie: string };
}

/**
 * Signs a user in, for an application's own tests: no password is hashed and no page is visited.
 *
 * @param manager - Where the application under test looks sessions up.
 * @param who - A user that exists already, by `id`; else what the new user is to be, such as
 *   `{ role: 'ADMIN' }`. Without it: a new user with an address of its own.
 * @param cookieName - As the application names it: `__Host-sessionId` where its address is https.
 * @throws {UserNotFoundError} when there is no user with this `id`.
 *
 * @example
 * const { headers } = await signedIn(await UserManagerFactory.create(), { role: 'ADMIN' });
 * const answer = await fetch(`${origin}/admin`, { headers });
 */
export async function signedIn(
  manager: UserManager,
  who: Partial<CreateUserData> & { id?: string | undefined } = {},
  cookieName: string = 'sessionId',
): Promise<SignedIn> {
  const { id: known, ...given } = who;
  const id = known ?? (await manager.create(newUser(given))).id;
  const metadata = { ip: '192.0.2.1', userAgent: 'Test/1.0' };
  const sessionId = await manager.createSession(id, metadata, HOUR);
  const found = await manager.validateSession(sessionId);
  if (found.status !== 'active') throw new Error(`a new session is ${found.reason}`);
  const cookie = `${cookieName}=${sessionId}`;
  return { user: found.user, session: found.session, sessionId, cookie, headers: { cookie } };
}
