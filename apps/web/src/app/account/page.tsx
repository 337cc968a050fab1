import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { Moment } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { PasswordForm } from '../../components/password-form.tsx';
import { currentSession } from '../../server/current-session.ts';

export const metadata: Metadata = { title: 'Account' };

export default async function AccountPage() {
  const { sessionStatus, user, session } = await currentSession();
  if (sessionStatus === 'none') redirect('/login');
  return (
    <Page title="Your account">
      {user && session && (
        <>
          <dl className="facts">
            <div>
              <dt>E-mail address</dt>
              <dd>{user.email}</dd>
            </div>
            <div>
              <dt>Signed in here since</dt>
              <dd>
                <Moment at={session.createdAt} />
              </dd>
            </div>
            <div>
              <dt>Signed in until</dt>
              <dd>
                <Moment at={session.expiresAt} />
              </dd>
            </div>
          </dl>
          <p>
            <Link href="/account/sessions">See where you are signed in</Link>
          </p>
          <section aria-labelledby="password">
            <h2 id="password">Password</h2>
            <PasswordForm email={user.email} />
          </section>
        </>
      )}
    </Page>
  );
}
