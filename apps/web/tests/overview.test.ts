import { createUserManager, sampleUsers } from '@repo/exchange-core';
import { MockUserManagerWrapper, SessionStoreUnavailableError } from '@repo/session-management';
import { faulty } from '@repo/session-management/testing';
import { expect, it } from 'vitest';
import { overviewOf } from '../src/server/overview.ts';

it('an overview of stores that do not answer says what is known still', async () => {
  const manager = new MockUserManagerWrapper(createUserManager(sampleUsers()));
  const stores = faulty(manager, new SessionStoreUnavailableError('postgres', 'test'));
  expect(await overviewOf(stores.port)).toMatchObject({ users: 3, sessions: 0, mode: 'mock' });
  stores.breakDown('count', 'countSessions');
  expect(await overviewOf(stores.port)).toMatchObject({
    users: null,
    sessions: null,
    mode: 'mock',
  });
});
