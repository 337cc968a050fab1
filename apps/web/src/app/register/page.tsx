import Link from 'next/link';
import { redirect } from 'next/navigation';
import { CredentialsForm } from '../../components/credentials-form.tsx';
import { Page } from '../../components/page.tsx';
import { currentSession } from '../../server/current-session.ts';
import { currentSpeaker, titled } from '../../server/speaker.ts';
import { ENTRY } from '../../texts/entry.ts';

export const generateMetadata = titled(ENTRY.registerTitle);

export default async function RegisterPage() {
  const { sessionStatus } = await currentSession();
  if (sessionStatus === 'active') redirect('/account');
  const speaker = await currentSpeaker();
  return (
    <Page title={speaker.say(ENTRY.registerTitle)}>
      <CredentialsForm way="register" />
      <p>
        {speaker.say(ENTRY.haveAccount)} <Link href="/login">{speaker.say(ENTRY.login)}</Link>
      </p>
    </Page>
  );
}
