import { hasCode, type User, UserManagerFactory, UserRole } from '@repo/session-management';
import type { Metadata } from 'next';
import { notFound, redirect } from 'next/navigation';
import { ActionButton } from '../../../components/action-button.tsx';
import { Page } from '../../../components/page.tsx';
import { currentSession } from '../../../server/current-session.ts';

export const metadata: Metadata = { title: 'Users' };

/** The first of them by id: enough to find one in a demo. */
const MOST_SHOWN = 100;

export default async function UsersPage() {
  const { sessionStatus, user } = await currentSession();
  if (sessionStatus === 'none') redirect('/login');
  if (user && user.role !== UserRole.ADMIN) notFound();
  const users = user ? await listUsers() : [];
  return (
    <Page title="Users">
      {users === null ? (
        <p role="alert" className="banner">
          The users cannot be read right now. Reload the page to try again.
        </p>
      ) : (
        <ul className="devices">
          {users.map((each) => (
            <UserLine key={each.id} user={each} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function UserLine({ user: { id, email, role } }: { user: User }) {
  return (
    <li>
      <h2>{email}</h2>
      {role === UserRole.ADMIN ? (
        <span className="badge">administrator</span>
      ) : (
        <ActionButton action="impersonate" handle={id} label={`Sign in as ${email}`}>
          Sign in as this user
        </ActionButton>
      )}
    </li>
  );
}

/** `null` while the record cannot be read. */
async function listUsers(): Promise<User[] | null> {
  const manager = await UserManagerFactory.createForContext();
  try {
    return await manager.listUsers({ limit: MOST_SHOWN });
  } catch (error) {
    if (hasCode(error, 'STORE_UNAVAILABLE')) return null;
    throw error;
  }
}
