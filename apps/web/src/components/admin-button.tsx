'use client';

import { api } from '../client/api.ts';
import { CallButton } from './call-button.tsx';

interface AdminButtonProps {
  userId: string;
  /** The session to end; all of the user's where none is given. */
  handle?: string;
  label?: string;
  children: string;
}

/** Ends sessions of another user, and shows what is left of them. */
export function AdminButton({ userId, handle, label, children }: AdminButtonProps) {
  const call = () =>
    handle === undefined
      ? api.admin.revokeAll.mutate({ userId })
      : api.admin.revoke.mutate({ userId, handle });
  return (
    <CallButton call={call} next={`/admin/users/${encodeURIComponent(userId)}`} label={label}>
      {children}
    </CallButton>
  );
}
