import { createUserManager } from '@repo/exchange-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveSession } from '../../src/factories/request-session.ts';
import { rotateIfDue } from '../../src/factories/rotate-if-due.ts';
import { MockUserManagerWrapper } from '../../src/managers/mock-user-manager-wrapper.ts';
import { newUser } from '../../src/testing/samples.ts';
import { type RotatedSession, SessionStoreUnavailableError } from '../../src/types/index.ts';

let manager: MockUserManagerWrapper;
let userId: string;
let sessionId: string;
let renewed: RotatedSession[];

beforeEach(async () => {
  manager = new MockUserManagerWrapper(createUserManager());
  userId = (await manager.create(newUser())).id;
  sessionId = await manager.createSession(userId, { ip: '' }, 60);
  renewed = [];
});
afterEach(() => manager.close());

const renew = (rotated: RotatedSession): void => void renewed.push(rotated);
const request = async (id = sessionId) =>
  rotateIfDue(manager, await resolveSession(manager, [id]), renew);

it('rotates once after a change of role, and goes on by the new sessionId', async () => {
  await manager.update(userId, { role: 'ADMIN' });
  const first = await request();

  expect(renewed).toMatchObject([{ sessionId: first.sessionId, maxAgeSeconds: 60 }]);
  expect(first.sessionId).not.toBe(sessionId);
  expect(first).toMatchObject({ sessionStatus: 'active', user: { id: userId, role: 'ADMIN' } });
  expect(first.session?.rotationDue).toBeUndefined();
  expect(await request(first.sessionId ?? '')).toEqual(first);
  expect(await request()).toMatchObject({ sessionStatus: 'active', sessionId });
  expect(renewed).toHaveLength(1);
});

it('sets one cookie for many requests at once, and refuses none', async () => {
  await manager.update(userId, { role: 'ADMIN' });
  const states = await Promise.all(Array.from({ length: 10 }, () => request()));

  expect(new Set(states.map(({ sessionStatus }) => sessionStatus))).toEqual(new Set(['active']));
  expect(renewed).toHaveLength(1);
});

it('rotates nothing that is not due, and nobody', async () => {
  await manager.update(userId, { isVerified: true });

  expect(await request()).toMatchObject({ sessionStatus: 'active', sessionId });
  expect(await request('never-there')).toMatchObject({ sessionStatus: 'none' });
  expect(renewed).toEqual([]);
});

it('leaves the session as it is while no store can say', async () => {
  await manager.update(userId, { role: 'ADMIN' });
  const state = await resolveSession(manager, [sessionId]);
  const rotateSession = () => Promise.reject(new SessionStoreUnavailableError('postgres', 'test'));

  expect(await rotateIfDue({ rotateSession }, state, renew)).toBe(state);
  expect(renewed).toEqual([]);
});
