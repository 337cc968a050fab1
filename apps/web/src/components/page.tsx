import { UserRole } from '@repo/session-management';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { currentSession } from '../server/current-session.ts';
import { currentSpeaker } from '../server/speaker.ts';
import { FRAME } from '../texts/frame.ts';
import type { Speaker } from '../texts/speaker.ts';
import { ActionButton } from './action-button.tsx';

interface PageProps {
  title: string;
  children: ReactNode;
}

/** Title, navigation and the one sign-out control that every page of a signed-in user has. */
export async function Page({ title, children }: PageProps) {
  const speaker = await currentSpeaker();
  const { session, sessionStatus, user } = await currentSession();
  return (
    <>
      <a className="skip" href="#main">
        {speaker.say(FRAME.skip)}
      </a>
      <header>
        <nav aria-label={speaker.say(FRAME.navigation)}>
          <Link href="/" className="brand">
            Sessions
          </Link>
          {user ? <SignedInLinks speaker={speaker} role={user.role} /> : null}
          {sessionStatus === 'none' ? <SignedOutLinks speaker={speaker} /> : null}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {session?.actor && user ? <ActingAs speaker={speaker} email={user.email} /> : null}
        <h1>{title}</h1>
        {sessionStatus === 'unavailable' ? <Outage speaker={speaker} /> : children}
      </main>
    </>
  );
}

interface Spoken {
  speaker: Speaker;
}

function SignedInLinks({ speaker, role }: Spoken & { role: UserRole }) {
  return (
    <>
      {role === UserRole.ADMIN ? (
        <>
          <Link href="/admin">{speaker.say(FRAME.administration)}</Link>
          <Link href="/admin/users">{speaker.say(FRAME.users)}</Link>
        </>
      ) : null}
      <Link href="/account">{speaker.say(FRAME.account)}</Link>
      <Link href="/account/sessions">{speaker.say(FRAME.devices)}</Link>
      <ActionButton action="logout">{speaker.say(FRAME.signOut)}</ActionButton>
    </>
  );
}

function SignedOutLinks({ speaker }: Spoken) {
  return (
    <>
      <Link href="/login">{speaker.say(FRAME.signIn)}</Link>
      <Link href="/register">{speaker.say(FRAME.signUp)}</Link>
    </>
  );
}

/** Nobody forgets whose account this is. */
function ActingAs({ speaker, email }: Spoken & { email: string }) {
  return (
    <div role="status" className="banner">
      <p>
        <strong>{speaker.fill(FRAME.actingAs, { email })}</strong> {speaker.say(FRAME.actingAsMore)}
      </p>
      <ActionButton action="stopImpersonating">{speaker.say(FRAME.stop)}</ActionButton>
    </div>
  );
}

function Outage({ speaker }: Spoken) {
  return (
    <div role="alert" className="banner">
      <p>
        <strong>{speaker.say(FRAME.outage)}</strong>
      </p>
      <p>{speaker.say(FRAME.outageMore)}</p>
    </div>
  );
}
