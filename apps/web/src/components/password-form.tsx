'use client';

import { useState } from 'react';
import { api, type Problem } from '../client/api.ts';
import { useSpeaker } from '../client/speaker.tsx';
import { useAction } from '../client/use-action.ts';
import { FORM, NEW_PASSWORD } from '../texts/forms.ts';
import type { Speaker } from '../texts/speaker.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';

/** Changes the password; all other devices are signed out by it. */
export function PasswordForm({ email }: { email: string }) {
  const speaker = useSpeaker();
  const { busy, problem, run } = useAction();
  const [changed, setChanged] = useState(false);
  const wrong =
    problem?.code === 'INVALID_CREDENTIALS' || problem?.fields.includes('currentPassword');
  const currentError = wrong ? speaker.say(NEW_PASSWORD.currentWrong) : null;
  const newError = errorOfNew(problem, speaker);

  async function submit(values: Record<string, string>, form: HTMLFormElement): Promise<void> {
    const { currentPassword = '', newPassword = '' } = values;
    setChanged(false);
    const done = await run(() => api.auth.changePassword.mutate({ currentPassword, newPassword }));
    if (done) form.reset();
    setChanged(done);
  }

  return (
    <Form
      label={speaker.say(NEW_PASSWORD.change)}
      submitLabel={speaker.say(NEW_PASSWORD.change)}
      busy={busy}
      problem={problem}
      shownByField={currentError !== null || newError !== null}
      onSubmit={submit}
    >
      {/* Tells a password manager whose password changes. */}
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <Field
        label={speaker.say(NEW_PASSWORD.current)}
        name="currentPassword"
        type="password"
        autoComplete="current-password"
        error={currentError}
      />
      <Field
        label={speaker.say(NEW_PASSWORD.chosen)}
        name="newPassword"
        type="password"
        autoComplete="new-password"
        hint={speaker.say(NEW_PASSWORD.chosenHint)}
        error={newError}
      />
      <p role="status" className="success">
        {changed ? speaker.say(NEW_PASSWORD.changed) : ''}
      </p>
    </Form>
  );
}

function errorOfNew(problem: Problem | null, speaker: Speaker): string | null {
  if (problem?.code === 'PASSWORD_TOO_COMMON') return problem.message;
  return problem?.fields.includes('newPassword') ? speaker.say(FORM.passwordLength) : null;
}
