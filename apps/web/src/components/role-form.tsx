'use client';

import { api } from '../client/api.ts';
import { useSpeaker } from '../client/speaker.tsx';
import { useAction } from '../client/use-action.ts';
import { ROLE } from '../texts/forms.ts';
import { Field } from './field.tsx';
import { Form } from './form.tsx';

type Role = 'USER' | 'ADMIN';

interface RoleFormProps {
  userId: string;
  role: Role;
}

/** Changes the role of another user, after the administrator's own password. */
export function RoleForm({ userId, role }: RoleFormProps) {
  const speaker = useSpeaker();
  const { busy, problem, run } = useAction();
  const isWrong = problem?.code === 'INVALID_CREDENTIALS' || problem?.fields.includes('password');
  const passwordError = isWrong ? speaker.say(ROLE.passwordWrong) : null;

  async function submit(values: Record<string, string>): Promise<void> {
    const { password = '' } = values;
    const chosen: Role = values['role'] === 'ADMIN' ? 'ADMIN' : 'USER';
    const done = await run(async () => {
      await api.auth.confirmIdentity.mutate({ password });
      await api.admin.changeRole.mutate({ userId, role: chosen });
    });
    if (done) window.location.assign(`/admin/users/${encodeURIComponent(userId)}`);
  }

  return (
    <Form
      label={speaker.say(ROLE.change)}
      submitLabel={speaker.say(ROLE.change)}
      busy={busy}
      problem={problem}
      shownByField={passwordError !== null}
      onSubmit={submit}
    >
      <div className="field">
        <label htmlFor="role">{speaker.say(ROLE.role)}</label>
        <select id="role" name="role" defaultValue={role}>
          <option value="USER">{speaker.say(ROLE.user)}</option>
          <option value="ADMIN">{speaker.say(ROLE.administrator)}</option>
        </select>
      </div>
      <Field
        label={speaker.say(ROLE.ownPassword)}
        name="password"
        type="password"
        autoComplete="current-password"
        error={passwordError}
      />
    </Form>
  );
}
