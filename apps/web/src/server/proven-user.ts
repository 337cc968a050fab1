import type { LogInAttempt, User, UserManager } from '@repo/session-management';
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
