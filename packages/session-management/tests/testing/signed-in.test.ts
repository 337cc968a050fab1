import { createUserManager } from '@repo/exchange-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { authenticate } from '../../src/fetch.ts';
import {
  MockUserManagerWrapper,
  SessionStoreUnavailableError,
  UserManagerFactory,
} from '../../src/index.ts';
import { faulty, manualClock, signedIn } from '../../src/testing.ts';

beforeEach(() => {
  vi.stubEnv('NODE_ENV', 'test');
  vi.stubEnv('SESSION_LOG_LEVEL', 'error');
});
afterEach(() => {
  UserManagerFactory.clearCache();
  vi.unstubAllEnvs();
});

describe('an application tests itself', () => {
  it('as a visitor who is signed in, in one line', async () => {
    const { headers, session, user } = await signedIn(await UserManagerFactory.create());
    const state = await authenticate(new Request('http://localhost/', { headers }));

    expect(state).toMatchObject({ sessionStatus: 'active', user: { id: user.id } });
    expect(session.userId).toBe(user.id);
  });

  it('as the user that it wants to be, or one that is there already', async () => {
    const manager = await UserManagerFactory.create();
    const admin = await signedIn(manager, { role: 'ADMIN' });
    const again = await signedIn(manager, admin.user);

    expect(admin.user.role).toBe('ADMIN');
    expect(again.user.id).toBe(admin.user.id);
    expect(await manager.listSessions(admin.user.id)).toHaveLength(2);
    await expect(signedIn(manager, { id: 'nobody' })).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
  });

  it('under the cookie name of an https address', async () => {
    const manager = await UserManagerFactory.create();
    const { cookie, sessionId } = await signedIn(manager, {}, '__Host-sessionId');

    expect(cookie).toBe(`__Host-sessionId=${sessionId}`);
  });

  it('on a clock that it turns', async () => {
    const clock = manualClock();
    const manager = new MockUserManagerWrapper(createUserManager(), { clock });
    const { sessionId } = await signedIn(manager);
    clock.advance(3_600_000);

    expect(await manager.validateSession(sessionId)).toMatchObject({ reason: 'expired' });
    await manager.close();
  });

  it('with stores that fail on demand, and heal', async () => {
    const down = new SessionStoreUnavailableError('postgres', 'test');
    const stores = faulty(await UserManagerFactory.create(), down);
    const { sessionId } = await signedIn(stores.port);

    stores.breakDown();
    await expect(stores.port.validateSession(sessionId)).rejects.toBe(down);
    stores.heal();
    expect((await stores.port.validateSession(sessionId)).status).toBe('active');
  });
});
