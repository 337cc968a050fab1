import { type SessionListEntry, UserManagerFactory } from '@repo/session-management';
import { redirect } from 'next/navigation';
import { ActionButton } from '../../../components/action-button.tsx';
import { DeviceName } from '../../../components/device-name.tsx';
import { LastSeen } from '../../../components/moment.tsx';
import { Page } from '../../../components/page.tsx';
import { RenameDevice } from '../../../components/rename-device.tsx';
import { currentSession } from '../../../server/current-session.ts';
import { orNull } from '../../../server/or-null.ts';
import { currentSpeaker, titled } from '../../../server/speaker.ts';
import { DEVICES, SIGNED_IN_ON } from '../../../texts/account.ts';

export const generateMetadata = titled(DEVICES.title);

export default async function SessionsPage() {
  const { sessionStatus, user, session } = await currentSession();
  if (sessionStatus === 'none') redirect('/login');
  const speaker = await currentSpeaker();
  const sessions = user && session ? await orNull(listSessions(user.id, session.id)) : [];
  return (
    <Page title={speaker.say(DEVICES.heading)}>
      {sessions === null ? (
        <p role="alert" className="banner">
          {speaker.say(DEVICES.unreadable)}
        </p>
      ) : (
        <>
          <p>{speaker.count(SIGNED_IN_ON, sessions.length)}</p>
          <ul className="devices">
            {sessions.map((entry) => (
              <Device key={entry.id} entry={entry} />
            ))}
          </ul>
          <div className="actions">
            <ActionButton action="revokeOthers">{speaker.say(DEVICES.signOutOthers)}</ActionButton>
            <ActionButton action="revokeAll">{speaker.say(DEVICES.signOutAll)}</ActionButton>
          </div>
        </>
      )}
    </Page>
  );
}

async function Device({ entry }: { entry: SessionListEntry }) {
  const { id, device, label, ip, lastSeenAt, current, actor } = entry;
  const speaker = await currentSpeaker();
  const name = label ?? device;
  return (
    <li>
      <div>
        <h2>
          <DeviceName device={device} label={label} />{' '}
          {current && <span className="badge">{speaker.say(DEVICES.thisDevice)}</span>}
          {actor && <span className="badge">{speaker.say(DEVICES.byAdministrator)}</span>}
        </h2>
        <p>
          {label && `${device} · `}
          {ip} · <LastSeen at={lastSeenAt} />
        </p>
        <RenameDevice handle={id} device={device} label={label ?? ''} />
      </div>
      {current ? (
        <ActionButton action="logout" label={speaker.say(DEVICES.signOutThis)}>
          {speaker.say(DEVICES.signOut)}
        </ActionButton>
      ) : (
        <ActionButton
          action="revoke"
          handle={id}
          label={speaker.fill(DEVICES.signOutNamed, { name, ip })}
        >
          {speaker.say(DEVICES.signOut)}
        </ActionButton>
      )}
    </li>
  );
}

async function listSessions(userId: string, current: string): Promise<SessionListEntry[]> {
  const manager = await UserManagerFactory.createForContext();
  return await manager.listSessions(userId, { current });
}
