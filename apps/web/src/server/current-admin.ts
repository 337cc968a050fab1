import { type SafeUser, UserRole } from '@repo/session-management';
import { notFound, redirect } from 'next/navigation';
import { currentSession } from './current-session.ts';

/**
 * The administrator who looks at this page; `null` while nobody can say, and then `Page` tells of
 * the outage. Who is nobody is sent to the log-in; for anybody else there is no such page.
 */
export async function currentAdmin(): Promise<SafeUser | null> {
  const { sessionStatus, user } = await currentSession();
  if (sessionStatus === 'none') redirect('/login');
  if (user && user.role !== UserRole.ADMIN) notFound();
  return user;
}
