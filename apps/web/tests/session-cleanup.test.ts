import {
  SessionStoreUnavailableError,
  type User,
  type UserManagerInterface,
} from '@repo/session-management';
import { describe, expect, it, vi } from 'vitest';
import { handleSessionCleanup } from '../src/server/trpc/routers/auth.ts';

const USER: User = {
  id: 'user-1',
  email: 'ann@example.com',
  isVerified: true,
  role: 'USER',
  createdAt: new Date(0),
};

/** The seven members that the document requires, and no other. */
function smallestManager(found: () => User | undefined) {
  return {
    findByEmail: vi.fn(async () => undefined),
    findById: vi.fn(async () => undefined),
    findBySessionId: vi.fn(async () => found()),
    create: vi.fn(async () => USER),
    update: vi.fn(async () => USER),
    getAll: vi.fn(async () => []),
    count: vi.fn(async () => 0),
  } satisfies UserManagerInterface;
}

const outage = () => {
  throw new SessionStoreUnavailableError('postgres', 'read');
};

describe('handleSessionCleanup', () => {
  it('clears the user of a manager that keeps the sessionId there', async () => {
    const manager = smallestManager(() => USER);
    await handleSessionCleanup(manager, 'x');

    expect(manager.update).toHaveBeenCalledExactlyOnceWith('user-1', { sessionId: undefined });
  });

  it('does nothing for a session that is gone', async () => {
    const manager = smallestManager(() => undefined);
    await handleSessionCleanup(manager, 'x');

    expect(manager.update).not.toHaveBeenCalled();
  });

  it('ends the one session where sessions are their own, and leaves the user alone', async () => {
    const deleteSession = vi.fn(async () => {});
    const manager = { ...smallestManager(() => USER), deleteSession };
    await handleSessionCleanup(manager, 'x');

    expect(deleteSession).toHaveBeenCalledExactlyOnceWith('x');
    expect(manager.update).not.toHaveBeenCalled();
  });

  it('tries the end even if the lookup fails, and does not call it done', async () => {
    const deleteSession = vi.fn(async () => {});
    const manager = { ...smallestManager(outage), deleteSession };

    await expect(handleSessionCleanup(manager, 'x')).rejects.toThrow(SessionStoreUnavailableError);
    expect(deleteSession).toHaveBeenCalled();
  });

  it('logs the id of the user and neither address nor sessionId', async () => {
    const log = vi.spyOn(console, 'info').mockImplementation(() => {});
    await handleSessionCleanup(
      smallestManager(() => USER),
      'the-secret',
    );

    expect(log.mock.calls).toEqual([['User logged out user=user-1']]);
    log.mockRestore();
  });
});
