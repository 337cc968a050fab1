import { hasCode, isLogInThrottled } from '@repo/session-management';
import { countLogIn, type LogInOutcome } from '@repo/session-management/node';
import { TRPCError } from '@trpc/server';

/** An attempt to sign in, counted by its outcome. What it throws goes on. */
export async function countedLogIn<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    const signedIn = await attempt();
    countLogIn('signed-in');
    return signedIn;
  } catch (error) {
    countLogIn(outcomeOf(error));
    throw error;
  }
}

function outcomeOf(error: unknown): LogInOutcome {
  if (error instanceof TRPCError && error.code === 'UNAUTHORIZED') return 'refused';
  if (isLogInThrottled(error)) return 'throttled';
  return hasCode(error, 'SESSION_LIMIT_REACHED') ? 'limit-reached' : 'failed';
}
