import { type User, UserManagerFactory, UserRole } from '@repo/session-management';
import Link from 'next/link';
import { Page } from '../../../components/page.tsx';
import { currentAdmin } from '../../../server/current-admin.ts';
import { orNull } from '../../../server/or-null.ts';
import { currentSpeaker, titled } from '../../../server/speaker.ts';
import { USERS } from '../../../texts/admin.ts';
import { IMPERSONATION } from '../../../texts/forms.ts';

export const generateMetadata = titled(USERS.title);

/** Users of one page. */
const SHOWN = 100;

interface UsersPageProps {
  searchParams: Promise<{ after?: string | string[] }>;
}

export default async function UsersPage({ searchParams }: UsersPageProps) {
  const admin = await currentAdmin();
  const speaker = await currentSpeaker();
  const after = [(await searchParams).after].flat()[0];
  const users = admin ? await orNull(listUsers(after)) : [];
  const last = users?.length === SHOWN ? users.at(-1) : undefined;
  return (
    <Page title={speaker.say(USERS.title)}>
      {users === null ? (
        <p role="alert" className="banner">
          {speaker.say(USERS.unreadable)}
        </p>
      ) : (
        <ul className="devices">
          {users.map((each) => (
            <UserLine key={each.id} user={each} />
          ))}
        </ul>
      )}
      {last && (
        <Link href={`/admin/users?after=${encodeURIComponent(last.id)}`}>
          {speaker.say(USERS.more)}
        </Link>
      )}
    </Page>
  );
}

async function UserLine({ user: { id, email, role } }: { user: User }) {
  const speaker = await currentSpeaker();
  const page = `/admin/users/${encodeURIComponent(id)}`;
  return (
    <li>
      <h2>
        <Link href={page}>{email}</Link>
      </h2>
      {role === UserRole.ADMIN ? (
        <span className="badge">{speaker.say(USERS.administrator)}</span>
      ) : (
        <Link
          href={`${page}#impersonation`}
          aria-label={speaker.fill(USERS.signInAsNamed, { email })}
        >
          {speaker.say(IMPERSONATION.begin)}
        </Link>
      )}
    </li>
  );
}

async function listUsers(after: string | undefined): Promise<User[]> {
  const manager = await UserManagerFactory.createForContext();
  return await manager.listUsers({ after, limit: SHOWN });
}
