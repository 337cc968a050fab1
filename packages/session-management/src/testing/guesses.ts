import { isLogInThrottled, type LogInAttempt, type UserManager } from '../types/index.ts';

/** What came of attempts at passwords, in numbers. */
export interface Guesses {
  /** How many were looked at. */
  evaluated: number;
  /** How many were refused before. */
  throttled: number;
}

/** Tries a wrong password for each of these attempts, all at once. */
export async function guess(
  manager: UserManager,
  attempts: readonly LogInAttempt[],
): Promise<Guesses> {
  const guesses: Guesses = { evaluated: 0, throttled: 0 };
  const one = async (attempt: LogInAttempt): Promise<void> => {
    try {
      await manager.guardLogIn(attempt, async () => {
        guesses.evaluated += 1;
        return null;
      });
    } catch (error) {
      if (!isLogInThrottled(error)) throw error;
      guesses.throttled += 1;
    }
  };
  await Promise.all(attempts.map(one));
  return guesses;
}

/** The same attempt so many times. */
export function times(count: number, attempt: LogInAttempt): LogInAttempt[] {
  return Array.from({ length: count }, () => attempt);
}
