import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import type { ManagerStage } from './manager-stage.ts';
import { OTHER_HASH } from './samples.ts';

export function endingSessions(stage: ManagerStage): void {
  endingOne(stage);
  endingMany(stage);
  changingThePassword(stage);
}

function endingOne({ manager, signIn, stateOf, user }: ManagerStage): void {
  it('ends one session for good and no other', async () => {
    const { id } = await user();
    const [ended, other] = [await signIn(id), await signIn(id)];
    await manager().deleteSession(ended.sessionId);

    expect(await stateOf(ended.sessionId)).toBe('revoked');
    expect(await stateOf(other.sessionId)).toBe('active');
    expect(await manager().findBySessionId(ended.sessionId)).toBeUndefined();
  });

  it('counts a session that is gone or was never there as done', async () => {
    const { sessionId } = await signIn((await user()).id);
    const twice = [manager().deleteSession(sessionId), manager().deleteSession(sessionId)];
    await Promise.all([...twice, manager().deleteSession(generateSessionId())]);

    expect(await stateOf(sessionId)).toBe('revoked');
  });

  it("ends by handle the user's own session, once", async () => {
    const { id } = await user();
    const stranger = await user();
    const { session, sessionId } = await signIn(id);

    expect(await manager().revokeSession(stranger.id, session.id)).toBe(0);
    expect(await stateOf(sessionId)).toBe('active');
    expect(await manager().revokeSession(id, session.id)).toBe(1);
    expect(await stateOf(sessionId)).toBe('revoked');
    expect(await manager().revokeSession(id, session.id)).toBe(0);
    expect(await manager().revokeSession(id, 'not-a-handle')).toBe(0);
  });
}

function endingMany({ harness, manager, signIn, stateOf, user }: ManagerStage): void {
  it('ends all others of the realm and keeps the one that asks', async () => {
    const { id } = await user();
    const [kept, one, other] = [await signIn(id), await signIn(id), await signIn(id)];
    const elsewhere = await harness().otherRealm.createSession(id, { ip: '' }, 60);

    expect(await manager().revokeOtherSessions(id, kept.session.id)).toBe(2);
    expect(await stateOf(kept.sessionId)).toBe('active');
    expect(await stateOf(one.sessionId)).toBe('revoked');
    expect(await stateOf(other.sessionId)).toBe('revoked');
    expect((await harness().otherRealm.findBySessionId(elsewhere))?.id).toBe(id);
    expect(await manager().revokeOtherSessions(id, kept.session.id)).toBe(0);
  });

  it('ends all in every realm, and lets the user in again', async () => {
    const { id } = await user();
    const stranger = await signIn((await user()).id);
    const opened = [await signIn(id), await signIn(id)];
    const elsewhere = await harness().otherRealm.createSession(id, { ip: '' }, 60);

    expect(await manager().revokeAllSessions(id)).toBe(3);
    for (const { sessionId } of opened) expect(await stateOf(sessionId)).toBe('revoked');
    expect(await harness().otherRealm.findBySessionId(elsewhere)).toBeUndefined();
    expect(await manager().listSessions(id)).toEqual([]);
    expect(await stateOf(stranger.sessionId)).toBe('active');
    expect(await stateOf((await signIn(id)).sessionId)).toBe('active');
  });

  it('ends nothing of nobody', async () => {
    expect(await manager().revokeAllSessions('no-such-user')).toBe(0);
    expect(await manager().revokeOtherSessions('no-such-user', 'not-a-handle')).toBe(0);
  });
}

function changingThePassword({ manager, signIn, stateOf, user }: ManagerStage): void {
  it('ends every session when the password changes', async () => {
    const { id } = await user();
    const opened = [await signIn(id), await signIn(id)];
    await manager().update(id, { hashedPassword: OTHER_HASH });

    for (const { sessionId } of opened) expect(await stateOf(sessionId)).toBe('revoked');
  });

  it('keeps the session that changed it, with no longer life', async () => {
    const { id } = await user();
    const [kept, other] = [await signIn(id), await signIn(id)];
    await manager().update(id, { hashedPassword: OTHER_HASH }, { keepHandle: kept.session.id });

    const found = await manager().validateSession(kept.sessionId);
    expect(found).toMatchObject({ status: 'active', session: kept.session });
    expect(await stateOf(other.sessionId)).toBe('revoked');
  });

  it('ends none when anything else changes', async () => {
    const { id } = await user();
    const { sessionId } = await signIn(id);
    const { hashedPassword } = (await manager().findById(id)) ?? {};
    await manager().update(id, { isVerified: true, lastLoginAt: new Date(), hashedPassword });

    expect(await stateOf(sessionId)).toBe('active');
  });
}
