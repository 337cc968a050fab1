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
  const { sessionStatus } = await currentSession();
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
          {sessionStatus === 'active' ? <SignedInLinks /> : null}
          {sessionStatus === 'none' ? <SignedOutLinks /> : null}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        <h1>{title}</h1>
        {sessionStatus === 'unavailable' ? <Outage /> : children}
      </main>
    </>
  );
}

function SignedInLinks() {
  return (
    <>
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
