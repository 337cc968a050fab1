'use client';

import { useState } from 'react';
import { api } from '../client/api.ts';
import { useAction } from '../client/use-action.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';

/** Changes the password; all other devices are signed out by it. */
export function PasswordForm({ email }: { email: string }) {
  const { busy, problem, run } = useAction();
  const [changed, setChanged] = useState(false);
  const wrong =
    problem?.code === 'INVALID_CREDENTIALS' || problem?.fields.includes('currentPassword');
  const currentError = wrong ? 'This is not your current password.' : null;
  const newError = problem?.fields.includes('newPassword') ? 'Use 8 to 256 characters.' : null;

  async function submit(values: Record<string, string>, form: HTMLFormElement): Promise<void> {
    const { currentPassword = '', newPassword = '' } = values;
    setChanged(false);
    const done = await run(() => api.auth.changePassword.mutate({ currentPassword, newPassword }));
    if (done) form.reset();
    setChanged(done);
  }

  return (
    <Form
      label="Change password"
      submitLabel="Change password"
      busy={busy}
      problem={problem}
      shownByField={currentError !== null || newError !== null}
      onSubmit={submit}
    >
      {/* Tells a password manager whose password changes. */}
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <Field
        label="Current password"
        name="currentPassword"
        type="password"
        autoComplete="current-password"
        error={currentError}
      />
      <Field
        label="New password"
        name="newPassword"
        type="password"
        autoComplete="new-password"
        hint="8 to 256 characters. Your other devices will be signed out."
        error={newError}
      />
      <p role="status" className="success">
        {changed ? 'Your password is changed. All other devices are signed out.' : ''}
      </p>
    </Form>
  );
}
