import { hasCode } from '@repo/session-management';

/** What the record answers; `null` while it cannot. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (hasCode(error, 'STORE_UNAVAILABLE')) return null;
    throw error;
  }
}
