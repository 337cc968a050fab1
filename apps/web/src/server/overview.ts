import type { HealthReport, UserManager } from '@repo/session-management';
import { orNull } from './or-null.ts';

/** How everything stands. */
export interface Overview extends HealthReport {
  /** Users; `null` while PostgreSQL does not answer. */
  users: number | null;
  /** Live sessions, counted as far as {@link MOST_COUNTED}; `null` while PostgreSQL does not answer. */
  sessions: number | null;
}

export const MOST_COUNTED = 10_000;

export async function overviewOf(userManager: UserManager): Promise<Overview> {
  const [health, users, sessions] = await Promise.all([
    userManager.health(),
    orNull(userManager.count()),
    orNull(userManager.countSessions(MOST_COUNTED)),
  ]);
  return { ...health, users, sessions };
}
