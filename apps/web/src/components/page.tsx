import { UserRole } from '@repo/session-management';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { currentSession } from '../server/current-session.ts';
import { ActionButton } from './action-button.tsx';

interface PageProps {
  title: string;
  children: ReactNode;
}

/** Title, navigation and the one sign-out control that every page of a signed-in user has. */
export async function Page({ title, children }: PageProps) {
  const { session, sessionStatus, user } = await currentSession();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <nav aria-label="Main">
          <Link href="/" className="brand">
            Sessions
          </Link>
          {user ? <SignedInLinks isAdmin={user.role === UserRole.ADMIN} /> : null}
          {sessionStatus === 'none' ? <SignedOutLinks /> : null}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {session?.actor && user ? <ActingAs email={user.email} /> : null}
        <h1>{title}</h1>
        {sessionStatus === 'unavailable' ? <Outage /> : children}
      </main>
    </>
  );
}

function SignedInLinks({ isAdmin }: { isAdmin: boolean }) {
  return (
    <>
      {isAdmin ? <Link href="/admin/users">Users</Link> : null}
      <Link href="/account">Account</Link>
      <Link href="/account/sessions">Devices</Link>
      <ActionButton action="logout">Sign out</ActionButton>
    </>
  );
}

function SignedOutLinks() {
  return (
    <>
      <Link href="/login">Sign in</Link>
      <Link href="/register">Sign up</Link>
    </>
  );
}

/** Nobody forgets whose account this is. */
function ActingAs({ email }: { email: string }) {
  return (
    <div role="status" className="banner">
      <p>
        <strong>You are signed in as {email}, in their place.</strong> They can see it in their list
        of devices. To stop signs you out as administrator too.
      </p>
      <ActionButton action="stopImpersonating">Stop</ActionButton>
    </div>
  );
}

function Outage() {
  return (
    <div role="alert" className="banner">
      <p>
        <strong>We cannot check your session right now. You are not signed out.</strong>
      </p>
      <p>This usually lasts a few seconds. Reload the page to try again.</p>
    </div>
  );
}
