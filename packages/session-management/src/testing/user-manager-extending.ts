import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import type { ManagerStage } from './manager-stage.ts';
import { CENTURY, expectRefusal, WRONG_TTLS } from './samples.ts';

export function extending({ harness, manager, signIn, stateOf, user }: ManagerStage): void {
  const sessionOf = async (sessionId: string) => {
    const found = await manager().validateSession(sessionId);
    return found.status === 'active' ? found.session : null;
  };

  it('moves the expiry, and only that', async () => {
    const { session, sessionId } = await signIn((await user()).id, 1);
    await manager().extendSession(sessionId, 60);
    await harness().elapse(1_000);

    const extended = await sessionOf(sessionId);
    expect(extended).toEqual({ ...session, expiresAt: extended?.expiresAt });
    expect(extended?.expiresAt).toBeGreaterThanOrEqual(session.createdAt + 60_000);
  });

  it('may shorten', async () => {
    const { sessionId } = await signIn((await user()).id);
    await manager().extendSession(sessionId, 1);
    await harness().elapse(1_000);

    expect(await stateOf(sessionId)).toBe('expired');
  });

  it('stops at the absolute limit', async () => {
    const { session, sessionId } = await signIn((await user()).id);
    await manager().extendSession(sessionId, CENTURY);

    expect((await sessionOf(sessionId))?.expiresAt).toBe(session.absoluteExpiresAt);
  });

  it('creates nothing and revives nothing', async () => {
    const { id } = await user();
    const [revoked, expired] = [await signIn(id), await signIn(id, 1)];
    await manager().deleteSession(revoked.sessionId);
    await harness().elapse(1_000);

    for (const sessionId of [revoked.sessionId, expired.sessionId, generateSessionId()]) {
      await manager().extendSession(sessionId, 60);
      expect(await stateOf(sessionId)).not.toBe('active');
    }
    expect(await manager().listSessions(id)).toEqual([]);
  });

  it.each(WRONG_TTLS)('refuses a ttl of %d and changes nothing', async (ttl) => {
    const { session, sessionId } = await signIn((await user()).id);
    await expectRefusal(manager().extendSession(sessionId, ttl), 'TTL_INVALID');

    expect(await sessionOf(sessionId)).toEqual(session);
  });
}
