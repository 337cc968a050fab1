'use client';

import { api } from '../client/api.ts';
import { useSpeaker } from '../client/speaker.tsx';
import { IMPERSONATION } from '../texts/forms.ts';
import { OwnPasswordForm } from './own-password-form.tsx';

/** Signs in as a user, after the administrator's own password, and goes to their account. */
export function ImpersonationForm({ userId }: { userId: string }) {
  return (
    <OwnPasswordForm
      label={useSpeaker().say(IMPERSONATION.begin)}
      call={() => api.impersonation.begin.mutate({ userId })}
      next="/account"
    />
  );
}
