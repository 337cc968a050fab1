import Link from 'next/link';
import { redirect } from 'next/navigation';
import { Moment } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { PasswordForm } from '../../components/password-form.tsx';
import { currentSession } from '../../server/current-session.ts';
import { currentSpeaker, titled } from '../../server/speaker.ts';
import { ACCOUNT } from '../../texts/account.ts';

export const generateMetadata = titled(ACCOUNT.title);

export default async function AccountPage() {
  const { sessionStatus, user, session } = await currentSession();
  if (sessionStatus === 'none') redirect('/login');
  const speaker = await currentSpeaker();
  return (
    <Page title={speaker.say(ACCOUNT.heading)}>
      {user && session && (
        <>
          <dl className="facts">
            <div>
              <dt>{speaker.say(ACCOUNT.email)}</dt>
              <dd>{user.email}</dd>
            </div>
            <div>
              <dt>{speaker.say(ACCOUNT.since)}</dt>
              <dd>
                <Moment at={session.createdAt} />
              </dd>
            </div>
            <div>
              <dt>{speaker.say(ACCOUNT.until)}</dt>
              <dd>
                <Moment at={session.expiresAt} />
              </dd>
            </div>
          </dl>
          <p>
            <Link href="/account/sessions">{speaker.say(ACCOUNT.toDevices)}</Link>
          </p>
          <section aria-labelledby="password">
            <h2 id="password">{speaker.say(ACCOUNT.password)}</h2>
            <PasswordForm email={user.email} />
          </section>
        </>
      )}
    </Page>
  );
}
