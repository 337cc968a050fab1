'use client';

import { api, type Problem } from '../client/api.ts';
import { useSpeaker } from '../client/speaker.tsx';
import { useAction } from '../client/use-action.ts';
import { CREDENTIALS, FORM } from '../texts/forms.ts';
import type { Speaker } from '../texts/speaker.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';

const WAYS = {
  login: { call: api.auth.login.mutate, autoComplete: 'current-password' },
  register: { call: api.auth.register.mutate, autoComplete: 'new-password' },
} as const;

interface CredentialsFormProps {
  way: keyof typeof WAYS;
  /** Whether the visitor may choose that the log-in outlives the browser. */
  offersToRemember?: boolean;
}

/** Signs in or signs up, and goes to the account. */
export function CredentialsForm({ way, offersToRemember = false }: CredentialsFormProps) {
  const speaker = useSpeaker();
  const { busy, problem, run } = useAction();
  const { call, autoComplete } = WAYS[way];
  const label = speaker.say(CREDENTIALS[way]);
  const hint = way === 'register' ? speaker.say(CREDENTIALS.passwordHint) : undefined;
  const emailError = errorOfEmail(problem, speaker);
  const passwordError = errorOfPassword(problem, way, speaker);

  async function submit(values: Record<string, string>): Promise<void> {
    const { email = '', password = '', remember } = values;
    const choice = remember === undefined ? {} : { remember: true };
    const done = await run(() => call({ email, password, ...choice }));
    if (done) window.location.assign('/account');
  }

  return (
    <Form
      label={label}
      submitLabel={label}
      busy={busy}
      problem={problem}
      shownByField={emailError !== null || passwordError !== null}
      onSubmit={submit}
    >
      <Field
        label={speaker.say(CREDENTIALS.email)}
        name="email"
        type="email"
        autoComplete="email"
        error={emailError}
      />
      <Field
        label={speaker.say(CREDENTIALS.password)}
        name="password"
        type="password"
        autoComplete={autoComplete}
        hint={hint}
        error={passwordError}
      />
      {offersToRemember && (
        <label className="choice">
          <input type="checkbox" name="remember" /> {speaker.say(CREDENTIALS.remember)}
        </label>
      )}
    </Form>
  );
}

function errorOfEmail(problem: Problem | null, speaker: Speaker): string | null {
  if (problem?.code === 'EMAIL_TAKEN') return problem.message;
  return problem?.fields.includes('email') ? speaker.say(CREDENTIALS.emailWrong) : null;
}

function errorOfPassword(problem: Problem | null, way: keyof typeof WAYS, speaker: Speaker) {
  if (problem?.code === 'PASSWORD_TOO_COMMON') return problem.message;
  if (!problem?.fields.includes('password')) return null;
  return speaker.say(way === 'register' ? FORM.passwordLength : CREDENTIALS.passwordMissing);
}
