import { policyOf } from '../policy/realm-policy.ts';
import { digestOf } from '../policy/session-id.ts';
import { withoutSecrets } from '../policy/user.ts';
import type { ManagerParts, UpdateUserOptions, User } from '../types/index.ts';
import { rotatedOf } from './rotation.ts';

type ChangeParts = Pick<ManagerParts, 'keeper' | 'newSessionId' | 'policies' | 'rotator' | 'users'>;

/** Changes a user, then what this process and the copies know of its sessions; rotates the kept one where somebody wants to know. */
export async function changeUser(
  { keeper, newSessionId, policies, rotator, users }: ChangeParts,
  realm: string,
  id: string,
  updateData: Partial<User>,
  { keepHandle, onRotated, provedBy }: UpdateUserOptions,
): Promise<User | null> {
  const sessionId = onRotated === undefined ? null : newSessionId();
  const next = sessionId === null ? undefined : { digest: digestOf(sessionId, realm), realm };
  const change = await users.change(id, updateData, { keepHandle, next, provedBy });
  if (change === null) return null;

  const opened = updateData.sessionId ? digestOf(updateData.sessionId) : null;
  await keeper.userChanged(change, opened);
  const { rotated, user } = change;
  if (rotated !== null && sessionId !== null && (await rotator.carry(rotated))) {
    onRotated?.(rotatedOf(sessionId, rotated.live, policyOf(policies, realm)));
  }
  return withoutSecrets(user);
}
