import { UserManagerFactory } from '@repo/session-management';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { CredentialsForm } from '../../components/credentials-form.tsx';
import { Page } from '../../components/page.tsx';
import { currentSession } from '../../server/current-session.ts';
import { currentSpeaker, titled } from '../../server/speaker.ts';
import { ENTRY } from '../../texts/entry.ts';

export const generateMetadata = titled(ENTRY.loginTitle);

export default async function LoginPage() {
  const { sessionStatus } = await currentSession();
  if (sessionStatus === 'active') redirect('/account');
  const speaker = await currentSpeaker();
  const { policy } = await UserManagerFactory.createForContext();
  return (
    <Page title={speaker.say(ENTRY.loginTitle)}>
      <CredentialsForm way="login" offersToRemember={typeof policy.remember === 'object'} />
      <p>
        {speaker.say(ENTRY.noAccount)} <Link href="/register">{speaker.say(ENTRY.register)}</Link>
      </p>
    </Page>
  );
}
