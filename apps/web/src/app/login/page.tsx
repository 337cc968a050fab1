import { UserManagerFactory } from '@repo/session-management';
import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { CredentialsForm } from '../../components/credentials-form.tsx';
import { Page } from '../../components/page.tsx';
import { currentSession } from '../../server/current-session.ts';

export const metadata: Metadata = { title: 'Sign in' };

export default async function LoginPage() {
  const { sessionStatus } = await currentSession();
  if (sessionStatus === 'active') redirect('/account');
  const { policy } = await UserManagerFactory.createForContext();
  return (
    <Page title="Sign in">
      <CredentialsForm way="login" offersToRemember={typeof policy.remember === 'object'} />
      <p>
        No account yet? <Link href="/register">Sign up</Link>
      </p>
    </Page>
  );
}
