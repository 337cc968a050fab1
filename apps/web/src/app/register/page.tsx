import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { CredentialsForm } from '../../components/credentials-form.tsx';
import { Page } from '../../components/page.tsx';
import { currentSession } from '../../server/current-session.ts';

export const metadata: Metadata = { title: 'Sign up' };

export default async function RegisterPage() {
  const { sessionStatus } = await currentSession();
  if (sessionStatus === 'active') redirect('/account');
  return (
    <Page title="Sign up">
      <CredentialsForm way="register" />
      <p>
        Have an account? <Link href="/login">Sign in</Link>
      </p>
    </Page>
  );
}
