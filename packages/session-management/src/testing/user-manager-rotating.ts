import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import { digestOf } from '../policy/session-id.ts';
import type { RotatedSession } from '../types/index.ts';
import type { ManagerStage } from './manager-stage.ts';
import { expectNoSecrets, MALFORMED_IDS } from './samples.ts';

export function rotatingSessions(stage: ManagerStage): void {
  gettingAnother(stage);
  goingOnMeanwhile(stage);
}

/** Rotates what must rotate. */
export async function rotate(
  { manager }: ManagerStage,
  sessionId: string,
): Promise<RotatedSession> {
  const rotation = await manager().rotateSession(sessionId);
  if (!rotation.rotated) throw new Error(`a live session is ${rotation.reason}`);
  return rotation;
}

function gettingAnother(stage: ManagerStage): void {
  const { harness, manager, signIn, stateOf, user } = stage;

  it('gives the same session another sessionId', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id, 60);
    const rotated = await rotate(stage, sessionId);

    expect(rotated.sessionId).toMatch(/^[\w-]{43}$/);
    expect(rotated.sessionId).not.toBe(sessionId);
    expect(rotated.session).toEqual(session);
    expect(rotated.maxAgeSeconds).toBeGreaterThan(50);
    expect(rotated.maxAgeSeconds).toBeLessThanOrEqual(60);
    expect(await manager().validateSession(rotated.sessionId)).toMatchObject({
      status: 'active',
      user: { id },
      session,
    });
    expect(await manager().listSessions(id)).toHaveLength(1);
  });

  it('says why there is nothing to rotate', async () => {
    const { id } = await user();
    const [revoked, expired] = [await signIn(id), await signIn(id, 1)];
    await manager().deleteSession(revoked.sessionId);
    await harness().elapse(1_000);
    const reasonOf = async (sessionId: string) => {
      const rotation = await manager().rotateSession(sessionId);
      return rotation.rotated ? 'rotated' : rotation.reason;
    };

    expect(await reasonOf('')).toBe('absent');
    for (const [, malformed] of MALFORMED_IDS.filter(([, value]) => value !== '')) {
      expect(await reasonOf(malformed)).toBe('malformed');
    }
    expect(await reasonOf(generateSessionId())).toBe('unknown');
    expect(await reasonOf(expired.sessionId)).toBe('expired');
    expect(await reasonOf(revoked.sessionId)).toBe('revoked');
    expect(await stateOf(revoked.sessionId)).toBe('revoked');
  });

  it('rotates no session of another realm', async () => {
    const { id } = await user();
    const { sessionId } = await signIn(id);

    expect(await harness().otherRealm.rotateSession(sessionId)).toEqual({
      rotated: false,
      reason: 'unknown',
    });
    expect(await stateOf(sessionId)).toBe('active');
  });

  it('tells of a rotation once, and of no secret', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id);
    const rotated = await rotate(stage, sessionId);
    await manager().rotateSession(sessionId);
    await manager().deleteSession(rotated.sessionId);

    const whose = { userId: id, realm: 'web', handle: session.id };
    const own = () => harness().told.filter((event) => 'userId' in event && event.userId === id);
    await expect
      .poll(own)
      .toMatchObject([
        { kind: 'created' },
        { kind: 'rotated', ...whose },
        { kind: 'revoked', ...whose, reason: 'signed-out' },
      ]);
    const ids = [sessionId, rotated.sessionId];
    expectNoSecrets(harness().told, [...ids, ...ids.map((one) => digestOf(one))]);
  });
}

function goingOnMeanwhile(stage: ManagerStage): void {
  const { manager, signIn, stateOf, user } = stage;

  it('refuses no request under way, and rotates once for many at once', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id);
    const calls = Array.from({ length: 20 }, async (_, n) =>
      n % 4 === 0 ? await manager().rotateSession(sessionId) : await stateOf(sessionId),
    );
    const answers = await Promise.all(calls);

    const states = answers.filter((answer) => typeof answer === 'string');
    expect(new Set(states)).toEqual(new Set(['active']));
    const rotations = answers.filter((answer) => typeof answer !== 'string');
    const won = rotations.filter((rotation) => rotation.rotated);
    expect(won).toMatchObject([{ session: { id: session.id } }]);
    expect(rotations.filter((rotation) => !rotation.rotated)).toEqual(
      Array.from({ length: 4 }, () => ({ rotated: false, reason: 'in-grace' })),
    );
    expect(await stateOf(sessionId)).toBe('active');
  });

  it('shows by the old sessionId the same session, with what is left of the grace', async () => {
    const { session, sessionId } = await signIn((await user()).id);
    await rotate(stage, sessionId);
    const found = await manager().validateSession(sessionId);

    expect(found).toMatchObject({ status: 'active', session: { id: session.id } });
    const end = found.status === 'active' ? found.session.expiresAt : Number.NaN;
    expect(end).toBeLessThan(session.expiresAt);
  });

  it('extends, marks and rotates nothing by the old sessionId', async () => {
    const { session, sessionId } = await signIn((await user()).id);
    const rotated = await rotate(stage, sessionId);
    await manager().extendSession(sessionId, 3_600);

    expect(await manager().confirmIdentity(sessionId)).toBe(false);
    expect(await manager().rotateSession(sessionId)).toEqual({
      rotated: false,
      reason: 'in-grace',
    });
    expect(await manager().validateSession(rotated.sessionId)).toMatchObject({ session });
  });

  it('refuses the sessionId of before at once when it rotates again', async () => {
    const { sessionId } = await signIn((await user()).id);
    const second = await rotate(stage, sessionId);
    expect(await stateOf(sessionId)).toBe('active');
    const third = await rotate(stage, second.sessionId);

    expect(await stateOf(sessionId)).toBe('revoked');
    expect(await stateOf(second.sessionId)).toBe('active');
    expect(await stateOf(third.sessionId)).toBe('active');
  });
}
