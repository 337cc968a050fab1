'use client';

import { api } from '../client/api.ts';
import { CallButton } from './call-button.tsx';

const ACTIONS = {
  logout: { call: () => api.auth.logout.mutate(), next: '/' },
  revoke: {
    call: (handle: string) => api.sessions.revoke.mutate({ handle }),
    next: '/account/sessions',
  },
  stopImpersonating: { call: () => api.impersonation.stop.mutate(), next: '/login' },
  revokeOthers: { call: () => api.sessions.revokeOthers.mutate(), next: '/account/sessions' },
  revokeAll: { call: () => api.sessions.revokeAll.mutate(), next: '/' },
} as const;

interface ActionButtonProps {
  action: keyof typeof ACTIONS;
  /** The session that `revoke` ends. */
  handle?: string;
  /** Said instead of the text where that does not name what is meant. */
  label?: string;
  children: string;
}

/** Signs out here or elsewhere, then shows how things stand. */
export function ActionButton({ action, handle = '', label, children }: ActionButtonProps) {
  const { call, next } = ACTIONS[action];
  return (
    <CallButton call={() => call(handle)} next={next} label={label}>
      {children}
    </CallButton>
  );
}
