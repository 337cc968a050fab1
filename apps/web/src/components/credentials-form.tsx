'use client';

import { api, type Problem } from '../client/api.ts';
import { useAction } from '../client/use-action.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';

const WAYS = {
  login: { call: api.auth.login.mutate, label: 'Sign in', autoComplete: 'current-password' },
  register: { call: api.auth.register.mutate, label: 'Sign up', autoComplete: 'new-password' },
} as const;

interface CredentialsFormProps {
  way: keyof typeof WAYS;
  /** Whether the visitor may choose that the log-in outlives the browser. */
  offersToRemember?: boolean;
}

/** Signs in or signs up, and goes to the account. */
export function CredentialsForm({ way, offersToRemember = false }: CredentialsFormProps) {
  const { busy, problem, run } = useAction();
  const { call, label, autoComplete } = WAYS[way];
  const emailError = errorOfEmail(problem);
  const passwordError = errorOfPassword(problem, way);

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
        label="E-mail address"
        name="email"
        type="email"
        autoComplete="email"
        error={emailError}
      />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete={autoComplete}
        hint={
          way === 'register' ? '8 to 256 characters. A few unrelated words work well.' : undefined
        }
        error={passwordError}
      />
      {offersToRemember && (
        <label className="choice">
          <input type="checkbox" name="remember" /> Remember me on this device
        </label>
      )}
    </Form>
  );
}

function errorOfEmail(problem: Problem | null): string | null {
  if (problem?.code === 'EMAIL_TAKEN') return problem.message;
  if (!problem?.fields.includes('email')) return null;
  return 'Enter an e-mail address, such as ann@example.com.';
}

function errorOfPassword(problem: Problem | null, way: keyof typeof WAYS): string | null {
  if (!problem?.fields.includes('password')) return null;
  return way === 'register' ? 'Use 8 to 256 characters.' : 'Enter your password.';
}
