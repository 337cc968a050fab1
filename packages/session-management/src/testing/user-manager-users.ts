import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import type { User } from '../types/index.ts';
import type { ManagerStage } from './manager-stage.ts';
import { expectNoSecrets, expectRefusal, HASH, newUser, OTHER_HASH } from './samples.ts';

export function userVerbs(stage: ManagerStage): void {
  finding(stage);
  updating(stage);
  listing(stage);
}

function finding({ manager, user }: ManagerStage): void {
  it('finds a user by address and id, with the hash for the log-in to compare', async () => {
    const { email, id } = await user();

    expect(await manager().findByEmail(email.toUpperCase())).toMatchObject({
      id,
      hashedPassword: HASH,
    });
    expect(await manager().findById(id)).toMatchObject({ email, hashedPassword: HASH });
  });

  it('answers undefined for nobody', async () => {
    expect(await manager().findByEmail('nobody@example.org')).toBeUndefined();
    expect(await manager().findById('no-such-user')).toBeUndefined();
    expect(await manager().findBySessionId(generateSessionId())).toBeUndefined();
  });

  it('creates one account for one address and hands out no secret', async () => {
    const data = newUser();
    expectNoSecrets(await manager().create(data), [HASH]);

    const again = { ...data, email: data.email.toUpperCase() };
    await expectRefusal(manager().create(again), 'EMAIL_TAKEN');
  });
}

function updating({ manager, stateOf, user }: ManagerStage): void {
  it('changes what is given, clears with null, leaves undefined alone', async () => {
    const { id } = await user();
    const lastLoginAt = new Date('2026-02-03T04:05:06.789Z');
    const updated = await manager().update(id, {
      role: 'ADMIN',
      lastLoginAt,
      hashedPassword: undefined,
    });
    expect(updated).toMatchObject({ id, role: 'ADMIN', lastLoginAt });
    expectNoSecrets(updated, [HASH]);

    await manager().update(id, { lastLoginAt: null });
    expect((await manager().findById(id))?.lastLoginAt ?? null).toBeNull();
    expect((await manager().findById(id))?.hashedPassword).toBe(HASH);
  });

  it('refuses null where a column has none, and creates nobody', async () => {
    const { id } = await user();

    const wrong = Object.assign<Partial<User>, unknown>({}, { role: null });
    await expect(manager().update(id, wrong)).rejects.toThrow(TypeError);
    expect(await manager().update('no-such-user', { role: 'ADMIN' })).toBeNull();
  });

  it('signs in by a sessionId that was written, until it is cleared', async () => {
    const { id } = await user();
    const sessionId = generateSessionId();
    expect(await stateOf(sessionId)).toBe('unknown');

    const updated = await manager().update(id, { sessionId, lastLoginAt: new Date() });
    expectNoSecrets(updated, [sessionId]);
    expect((await manager().findBySessionId(sessionId))?.id).toBe(id);

    await manager().update(id, { sessionId: undefined });
    expect(await manager().findBySessionId(sessionId)).toBeUndefined();
    await manager().update(id, { sessionId });
    expect(await manager().findBySessionId(sessionId)).toBeUndefined();
  });

  it('shows a change of role to a session at once', async () => {
    const { id } = await user();
    const sessionId = await manager().createSession(id, { ip: '' }, 60);
    expect((await manager().findBySessionId(sessionId))?.role).toBe('USER');
    await manager().update(id, { role: 'ADMIN' });

    expect((await manager().findBySessionId(sessionId))?.role).toBe('ADMIN');
  });

  it('rehashes the same password without ending a session', async () => {
    const { id } = await user();
    const sessionId = await manager().createSession(id, { ip: '' }, 60);

    expect(await manager().rehashPassword(id, OTHER_HASH, 'new')).toBe(false);
    expect(await manager().rehashPassword(id, HASH, OTHER_HASH)).toBe(true);
    expect((await manager().findById(id))?.hashedPassword).toBe(OTHER_HASH);
    expect(await stateOf(sessionId)).toBe('active');
  });
}

function listing({ harness, manager, user }: ManagerStage): void {
  it('counts and lists every user once, without secrets', async () => {
    const before = await manager().count();
    const made = [await user(), await user(), await user()];
    const all = await manager().getAll();

    expect(await manager().count()).toBe(before + made.length);
    expect(all).toHaveLength(before + made.length);
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
    expectNoSecrets(all, [HASH]);
  });

  it('gives pages that follow one another', async () => {
    await Promise.all([user(), user(), user()]);
    const all = await manager().listUsers({ limit: 1_000 });
    const first = await manager().listUsers({ limit: 2 });
    const rest = await manager().listUsers({ after: first[1]?.id, limit: 1_000 });

    expect([...first, ...rest]).toEqual(all);
    expectNoSecrets(all, [HASH]);
  });

  it.each([0, -1, 1.5, 1_001])('takes no page of %d', async (limit) => {
    await expect(manager().listUsers({ limit })).rejects.toThrow(RangeError);
  });

  it('says that its stores answer', async () => {
    const { stores } = await manager().health();

    expect(stores.record).toMatchObject({ reachable: true, degradedSince: null });
    expect(stores.copies).toMatchObject({ reachable: true, degradedSince: null });
  });

  it('refuses calls after close, which may be said twice', async () => {
    await harness().otherRealm.close();
    await expectRefusal(harness().otherRealm.count(), 'MANAGER_CLOSED');
    await manager().close();
    await manager().close();

    await expectRefusal(manager().findById('anybody'), 'MANAGER_CLOSED');
    await expectRefusal(manager().validateSession(generateSessionId()), 'MANAGER_CLOSED');
  });
}
