import { hasCode, type LogInAttempt, type User, type UserManager } from '@repo/session-management';
import { verifyPassword } from './passwords.ts';

/**
 * The user whose password this is; `null` for a wrong one, and where there is no such user. Wherever
 * a password may be guessed it counts as an attempt on the account.
 *
 * @throws {LogInThrottledError} after too many; no password is hashed.
 */
export function provenUser(
  userManager: UserManager,
  attempt: LogInAttempt,
  password: string,
  find: () => Promise<User | undefined>,
): Promise<User | null> {
  return userManager.guardLogIn(attempt, async () => {
    const user = await find();
    const matches = await verifyPassword(user?.hashedPassword, password);
    return matches ? user : null;
  });
}

/** A hash renewed by another log-in, or the password changed: beyond that it is changed all the time. */
const MOST_TRIES = 3;

/**
 * Does what a password allows, unless it is changed meanwhile: then it is held against the present hash, which
 * may be a new one of the same password. `null` where it does not fit.
 *
 * @param work - Must do nothing where the user has another hash than this: {@link ProofOutdatedError}.
 */
export async function withProof<T>(
  userManager: Pick<UserManager, 'findById'>,
  proven: Pick<User, 'id' | 'hashedPassword'>,
  password: string,
  work: (provedBy: string | null) => Promise<T>,
): Promise<T | null> {
  let provedBy = proven.hashedPassword ?? null;
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    try {
      return await work(provedBy);
    } catch (error) {
      if (!hasCode(error, 'PROOF_OUTDATED')) throw error;
    }
    provedBy = (await userManager.findById(proven.id))?.hashedPassword ?? null;
    if (!(await verifyPassword(provedBy, password))) return null;
  }
  return null;
}
