import { type SessionListEntry, UserManagerFactory, UserRole } from '@repo/session-management';
import { notFound } from 'next/navigation';
import { AdminButton } from '../../../../components/admin-button.tsx';
import { DeviceName } from '../../../../components/device-name.tsx';
import { ImpersonationForm } from '../../../../components/impersonation-form.tsx';
import { LastSeen } from '../../../../components/moment.tsx';
import { Page } from '../../../../components/page.tsx';
import { RoleForm } from '../../../../components/role-form.tsx';
import { currentAdmin } from '../../../../server/current-admin.ts';
import { orNull } from '../../../../server/or-null.ts';
import { type PublicUser, publicUser } from '../../../../server/sign-in.ts';
import { currentSpeaker, titled } from '../../../../server/speaker.ts';
import { USER } from '../../../../texts/admin.ts';

export const generateMetadata = titled(USER.title);

interface UserPageProps {
  params: Promise<{ id: string }>;
}

export default async function UserPage({ params }: UserPageProps) {
  const admin = await currentAdmin();
  const speaker = await currentSpeaker();
  const known = admin && (await orNull(lookUp(decodeURIComponent((await params).id))));
  return (
    <Page title={known?.user.email ?? speaker.say(USER.title)}>
      {admin && !known && (
        <p role="alert" className="banner">
          {speaker.say(USER.unreadable)}
        </p>
      )}
      {known && (
        <>
          <Sessions {...known} />
          {known.user.role !== UserRole.ADMIN && <Impersonation userId={known.user.id} />}
          <section aria-labelledby="role-of-user">
            <h2 id="role-of-user">{speaker.say(USER.role)}</h2>
            {known.user.id === admin?.id ? (
              <p>{speaker.say(USER.ownRole)}</p>
            ) : (
              <RoleForm userId={known.user.id} role={known.user.role} />
            )}
          </section>
        </>
      )}
    </Page>
  );
}

interface KnownUser {
  user: PublicUser;
  sessions: SessionListEntry[];
}

async function lookUp(id: string): Promise<KnownUser> {
  const manager = await UserManagerFactory.createForContext();
  const user = await manager.findById(id);
  if (!user) notFound();
  return { user: publicUser(user), sessions: await manager.listSessions(id) };
}

async function Sessions({ user, sessions }: KnownUser) {
  const speaker = await currentSpeaker();
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">{speaker.say(USER.devices)}</h2>
      {sessions.length === 0 && <p>{speaker.say(USER.noDevice)}</p>}
      <ul className="devices">
        {sessions.map((entry) => (
          <Device key={entry.id} userId={user.id} entry={entry} />
        ))}
      </ul>
      {sessions.length > 0 && (
        <div className="actions">
          <AdminButton userId={user.id}>{speaker.say(USER.signOutAll)}</AdminButton>
        </div>
      )}
    </section>
  );
}

async function Impersonation({ userId }: { userId: string }) {
  const speaker = await currentSpeaker();
  return (
    <section aria-labelledby="impersonation">
      <h2 id="impersonation">{speaker.say(USER.impersonation)}</h2>
      <p>{speaker.say(USER.impersonationMore)}</p>
      <ImpersonationForm userId={userId} />
    </section>
  );
}

async function Device({ userId, entry }: { userId: string; entry: SessionListEntry }) {
  const { actor, device, id, ip, label, lastSeenAt } = entry;
  const speaker = await currentSpeaker();
  const signOutNamed = speaker.fill(USER.signOutNamed, { name: label ?? device, ip });
  return (
    <li>
      <div>
        <h3>
          <DeviceName device={device} label={label} />{' '}
          {actor && <span className="badge">{speaker.say(USER.byAdministrator)}</span>}
        </h3>
        <p>
          {label && `${device} · `}
          {ip} · <LastSeen at={lastSeenAt} />
        </p>
      </div>
      <AdminButton userId={userId} handle={id} label={signOutNamed}>
        {speaker.say(USER.signOut)}
      </AdminButton>
    </li>
  );
}
