import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import { type ManagerStage, STAGE_POLICIES } from './manager-stage.ts';
import { CENTURY, expectRefusal } from './samples.ts';

export function policies({ harness, manager, user }: ManagerStage): void {
  it('reports the policy of its realm', () => {
    expect(manager().policy).toEqual(STAGE_POLICIES.standard);
    expect(harness().otherRealm.policy).toEqual(STAGE_POLICIES.realms['admin']);
  });

  it("bounds a session by its own realm's absolute limit", async () => {
    const { otherRealm } = harness();
    const sessionId = await otherRealm.createSession((await user()).id, { ip: '' }, CENTURY);
    const found = await otherRealm.validateSession(sessionId);
    if (found.status !== 'active') throw new Error(found.reason);

    const { absoluteExpiresAt, createdAt, expiresAt } = found.session;
    expect(absoluteExpiresAt - createdAt).toBe(otherRealm.policy.absoluteMs);
    expect(expiresAt).toBe(absoluteExpiresAt);
  });
}

export function limits({ harness, manager, signIn, stateOf, user }: ManagerStage): void {
  it('ends the oldest session at the limit of its realm, and tells its next request', async () => {
    const { otherRealm } = harness();
    const { id } = await user();
    const elsewhere = await signIn(id);
    const opened: string[] = [];
    for (let n = 0; n < 7; n += 1) {
      opened.push(await otherRealm.createSession(id, { ip: '' }, 60));
      await harness().elapse(5);
    }

    const found = await Promise.all(
      opened.map((sessionId) => otherRealm.validateSession(sessionId)),
    );
    const states = found.map((one) => (one.status === 'active' ? 'active' : one.reason));
    expect(states).toEqual(['revoked', 'revoked', ...Array(5).fill('active')]);
    expect(await stateOf(elsewhere.sessionId)).toBe('active');
  });

  it('leaves exactly as many as the limit of 50 log-ins at once', async () => {
    const { otherRealm } = harness();
    const { id } = await user();
    const early = await otherRealm.createSession(id, { ip: '' }, 60);
    await harness().elapse(5);
    const logIns = Array.from({ length: 50 }, () => otherRealm.createSession(id, { ip: '' }, 60));
    const opened = await Promise.all(logIns);

    const found = await Promise.all(
      opened.map((sessionId) => otherRealm.validateSession(sessionId)),
    );
    expect(found.filter(({ status }) => status === 'active')).toHaveLength(5);
    expect(await otherRealm.listSessions(id)).toHaveLength(5);
    expect(await otherRealm.validateSession(early)).toEqual({ status: 'none', reason: 'revoked' });
    expect(await manager().listSessions(id)).toEqual([]);
  });
}

export function proving({ harness, manager, signIn, stateOf, user }: ManagerStage): void {
  const fresh = { fresh: true };

  it('takes a log-in for a proof, until it is too old, and a new proof after that', async () => {
    const { otherRealm } = harness();
    const sessionId = await otherRealm.createSession((await user()).id, { ip: '' }, 60);
    expect((await otherRealm.validateSession(sessionId, fresh)).status).toBe('active');

    await harness().elapse(otherRealm.policy.freshForMs);
    await expectRefusal(otherRealm.validateSession(sessionId, fresh), 'IDENTITY_NOT_FRESH');
    expect((await otherRealm.validateSession(sessionId)).status).toBe('active');

    expect(await otherRealm.confirmIdentity(sessionId)).toBe(true);
    expect((await otherRealm.validateSession(sessionId, fresh)).status).toBe('active');
  });

  it('moves the instant of the proof in every lookup, and only that', async () => {
    const { session, sessionId } = await signIn((await user()).id);
    await harness().elapse(5);
    await manager().confirmIdentity(sessionId);

    const found = await manager().validateSession(sessionId);
    if (found.status !== 'active') throw new Error(found.reason);
    const { authenticatedAt } = found.session;
    expect(authenticatedAt).toBeGreaterThan(session.authenticatedAt);
    expect(found.session).toEqual({ ...session, authenticatedAt });
    const [listed] = await manager().listSessions(session.userId);
    expect(listed?.authenticatedAt).toBe(authenticatedAt);
  });

  it('marks nothing and revives nothing that signs nobody in', async () => {
    const { id } = await user();
    const [revoked, expired] = [await signIn(id), await signIn(id, 1)];
    const elsewhere = await harness().otherRealm.createSession(id, { ip: '' }, 60);
    await manager().deleteSession(revoked.sessionId);
    await harness().elapse(1_000);

    const dead = [revoked.sessionId, expired.sessionId, generateSessionId(), elsewhere, 'a b', ''];
    for (const sessionId of dead) {
      expect(await manager().confirmIdentity(sessionId)).toBe(false);
      expect(await stateOf(sessionId)).not.toBe('active');
      expect((await manager().validateSession(sessionId, fresh)).status).toBe('none');
    }
  });
}
