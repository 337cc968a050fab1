'use client';

import type { ReactNode } from 'react';
import { api } from '../client/api.ts';
import { useSpeaker } from '../client/speaker.tsx';
import { useAction } from '../client/use-action.ts';
import { OWN_PASSWORD } from '../texts/forms.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';

interface OwnPasswordFormProps {
  label: string;
  /** What is done once the password was right, with what was entered above it. */
  call(values: Record<string, string>): Promise<unknown>;
  /** The page that shows how things stand after it. */
  next: string;
  /** The fields above the password. */
  children?: ReactNode;
}

/** Does one thing after the administrator's own password. */
export function OwnPasswordForm({ label, call, next, children }: OwnPasswordFormProps) {
  const speaker = useSpeaker();
  const { busy, problem, run } = useAction();
  const isWrong = problem?.code === 'INVALID_CREDENTIALS' || problem?.fields.includes('password');
  const passwordError = isWrong ? speaker.say(OWN_PASSWORD.wrong) : null;

  async function submit(values: Record<string, string>): Promise<void> {
    const { password = '' } = values;
    const done = await run(async () => {
      await api.auth.confirmIdentity.mutate({ password });
      await call(values);
    });
    if (done) window.location.assign(next);
  }

  return (
    <Form
      label={label}
      submitLabel={label}
      busy={busy}
      problem={problem}
      shownByField={passwordError !== null}
      onSubmit={submit}
    >
      {children}
      <Field
        label={speaker.say(OWN_PASSWORD.label)}
        name="password"
        type="password"
        autoComplete="current-password"
        error={passwordError}
      />
    </Form>
  );
}
