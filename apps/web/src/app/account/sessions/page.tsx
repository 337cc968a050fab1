import { hasCode, type SessionListEntry, UserManagerFactory } from '@repo/session-management';
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { ActionButton } from '../../../components/action-button.tsx';
import { Moment } from '../../../components/moment.tsx';
import { Page } from '../../../components/page.tsx';
import { RenameDevice } from '../../../components/rename-device.tsx';
import { currentSession } from '../../../server/current-session.ts';

export const metadata: Metadata = { title: 'Devices' };

export default async function SessionsPage() {
  const { sessionStatus, user, session } = await currentSession();
  if (sessionStatus === 'none') redirect('/login');
  const sessions = user && session ? await listSessions(user.id, session.id) : [];
  return (
    <Page title="Where you are signed in">
      {sessions === null ? (
        <p role="alert" className="banner">
          The list of your devices cannot be read right now. You are not signed out. Reload the page
          to try again.
        </p>
      ) : (
        <>
          <ul className="devices">
            {sessions.map((entry) => (
              <Device key={entry.id} entry={entry} />
            ))}
          </ul>
          <div className="actions">
            <ActionButton action="revokeOthers">Sign out all other devices</ActionButton>
            <ActionButton action="revokeAll">Sign out everywhere</ActionButton>
          </div>
        </>
      )}
    </Page>
  );
}

function Device({ entry }: { entry: SessionListEntry }) {
  const { id, device, label, ip, lastSeenAt, current, actor } = entry;
  const name = label ?? device;
  return (
    <li>
      <div>
        <h2>
          {name} {current && <span className="badge">this device</span>}
          {actor && <span className="badge">an administrator, in your place</span>}
        </h2>
        <p>
          {label && `${device} · `}
          {ip} · last seen <Moment at={lastSeenAt} />
        </p>
        <RenameDevice handle={id} device={device} label={label ?? ''} />
      </div>
      {current ? (
        <ActionButton action="logout" label="Sign out this device">
          Sign out
        </ActionButton>
      ) : (
        <ActionButton action="revoke" handle={id} label={`Sign out ${name}, ${ip}`}>
          Sign out
        </ActionButton>
      )}
    </li>
  );
}

/** `null` while the record cannot be read: the copies know a session, not all of them. */
async function listSessions(userId: string, handle: string): Promise<SessionListEntry[] | null> {
  const manager = await UserManagerFactory.createForContext();
  try {
    return await manager.listSessions(userId, handle);
  } catch (error) {
    if (hasCode(error, 'STORE_UNAVAILABLE')) return null;
    throw error;
  }
}
