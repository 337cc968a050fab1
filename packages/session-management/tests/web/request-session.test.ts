import { describe, expect, it, vi } from 'vitest';
import { resolveSession } from '../../src/factories/request-session.ts';
import {
  ConfigurationInvalidError,
  SessionStoreUnavailableError,
  type SessionValidation,
} from '../../src/types/index.ts';

const USER = {
  id: 'user-1',
  email: 'ann@example.com',
  isVerified: true,
  role: 'USER' as const,
  createdAt: new Date(0),
};
const SESSION = {
  id: 'handle-1',
  userId: 'user-1',
  realm: 'web',
  createdAt: 0,
  authenticatedAt: 0,
  expiresAt: 1,
  absoluteExpiresAt: 2,
  ip: '203.0.113.7',
  userAgent: null,
  actor: null,
};
const ACTIVE: SessionValidation = { status: 'active', user: USER, session: SESSION };
const UNKNOWN: SessionValidation = { status: 'none', reason: 'unknown' };

const managerThat = (answer: (sessionId: string) => SessionValidation) => ({
  validateSession: vi.fn(async (sessionId: string) => answer(sessionId)),
});
const silent = () => ({ error: vi.fn() });

describe('resolveSession', () => {
  it('asks no store when nothing is presented', async () => {
    const manager = managerThat(() => ACTIVE);

    expect(await resolveSession(manager, [])).toEqual({
      sessionStatus: 'none',
      user: null,
      session: null,
      sessionId: null,
    });
    expect(manager.validateSession).not.toHaveBeenCalled();
  });

  it.each([[['bad', 'good']], [['good', 'bad']]])(
    'finds the live one of %j',
    async (candidates) => {
      const manager = managerThat((id) => (id === 'good' ? ACTIVE : UNKNOWN));
      const state = await resolveSession(manager, candidates);

      expect(state).toMatchObject({ sessionStatus: 'active', user: USER, sessionId: 'good' });
    },
  );

  it('passes on where the request comes from', async () => {
    const validateSession = vi.fn(async () => ACTIVE);
    const metadata = { ip: '203.0.113.7', userAgent: '' };
    await resolveSession({ validateSession }, ['a'], silent(), metadata);

    expect(validateSession).toHaveBeenCalledWith('a', { metadata });
  });

  it('names the first presented when none is live', async () => {
    const state = await resolveSession(
      managerThat(() => UNKNOWN),
      ['a', 'b'],
    );

    expect(state).toMatchObject({ sessionStatus: 'none', user: null, sessionId: 'a' });
  });

  it('answers an outage as unavailable with one log line a second that holds no sessionId', async () => {
    const logger = silent();
    const manager = managerThat(() => {
      throw new SessionStoreUnavailableError('postgres', 'read');
    });
    const state = await resolveSession(manager, ['a-secret', 'b-secret'], logger);
    for (let i = 0; i < 100; i += 1) await resolveSession(manager, ['a-secret'], logger);

    expect(state).toMatchObject({ sessionStatus: 'unavailable', user: null, session: null });
    expect(logger.error.mock.calls).toEqual([
      ['Session validation error', { code: 'STORE_UNAVAILABLE', untold: expect.any(Number) }],
    ]);
  });

  it('does not hide any other error', async () => {
    const manager = managerThat(() => {
      throw new ConfigurationInvalidError('wrong');
    });

    await expect(resolveSession(manager, ['a'], silent())).rejects.toThrow('wrong');
  });
});
