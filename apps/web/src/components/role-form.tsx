'use client';

import { api } from '../client/api.ts';
import { useSpeaker } from '../client/speaker.tsx';
import { ROLE } from '../texts/forms.ts';
import { OwnPasswordForm } from './own-password-form.tsx';

type Role = 'USER' | 'ADMIN';

interface RoleFormProps {
  userId: string;
  role: Role;
}

/** Changes the role of another user, after the administrator's own password. */
export function RoleForm({ userId, role }: RoleFormProps) {
  const speaker = useSpeaker();
  const call = (values: Record<string, string>) => {
    const chosen: Role = values['role'] === 'ADMIN' ? 'ADMIN' : 'USER';
    return api.admin.changeRole.mutate({ userId, role: chosen });
  };

  return (
    <OwnPasswordForm
      label={speaker.say(ROLE.change)}
      call={call}
      next={`/admin/users/${encodeURIComponent(userId)}`}
    >
      <div className="field">
        <label htmlFor="role">{speaker.say(ROLE.role)}</label>
        <select id="role" name="role" defaultValue={role}>
          <option value="USER">{speaker.say(ROLE.user)}</option>
          <option value="ADMIN">{speaker.say(ROLE.administrator)}</option>
        </select>
      </div>
    </OwnPasswordForm>
  );
}
