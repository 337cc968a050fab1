import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import { LIMITS } from '../policy/limits.ts';
import { digestOf } from '../policy/session-id.ts';
import type { RotatedSession, User } from '../types/index.ts';
import type { ManagerStage } from './manager-stage.ts';
import { expectNoSecrets, HASH, OTHER_HASH } from './samples.ts';
import { rotate } from './user-manager-rotating.ts';

export function endingRotated(stage: ManagerStage): void {
  endingBoth(stage);
  changingThePassword(stage);
  outlivingTheGrace(stage);
}

function endingBoth(stage: ManagerStage): void {
  const { harness, manager, signIn, stateOf, user } = stage;

  it.each(['old', 'new', 'handle', 'others', 'all'] as const)(
    'refuses both sessionIds when the session is ended by %s',
    async (by) => {
      const { id } = await user();
      const { session, sessionId } = await signIn(id);
      const rotated = await rotate(stage, sessionId);
      expect(await stateOf(sessionId)).toBe('active');
      await {
        old: () => manager().deleteSession(sessionId),
        new: () => manager().deleteSession(rotated.sessionId),
        handle: () => manager().revokeSession(id, session.id),
        others: () => manager().revokeOtherSessions(id, 'another'),
        all: () => manager().revokeAllSessions(id),
      }[by]();

      expect(await stateOf(sessionId)).toBe('revoked');
      expect(await stateOf(rotated.sessionId)).toBe('revoked');
    },
  );

  it('signs out of what a written sessionId opened, though it was rotated meanwhile', async () => {
    const { id } = await user();
    const written = generateSessionId();
    await manager().update(id, { sessionId: written });
    const second = await rotate(stage, written);
    const third = await rotate(stage, second.sessionId);
    await manager().update(id, { sessionId: undefined });

    expect(await stateOf(third.sessionId)).toBe('revoked');
    expect(await stateOf(second.sessionId)).toBe('revoked');
  });

  it('opens nothing where a sessionId that was rotated away is written again', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id);
    await rotate(stage, sessionId);
    await manager().update(id, { sessionId });

    const listed = await manager().listSessions(id);
    expect(listed.map((entry) => entry.id)).toEqual([session.id]);
    expect(await harness().otherRealm.listSessions(id)).toEqual([]);
  });
}

function changingThePassword(stage: ManagerStage): void {
  const { harness, manager, signIn, stateOf, user } = stage;
  const change = async (id: string, keepHandle: string | undefined, to: Partial<User>) => {
    const told: RotatedSession[] = [];
    const onRotated = (rotated: RotatedSession) => void told.push(rotated);
    const changed = await manager().update(id, to, { keepHandle, onRotated });
    return { changed, told };
  };

  it('rotates the session that a new password keeps, by the same commit', async () => {
    const { id } = await user();
    const [first, other] = [await signIn(id), await signIn(id)];
    const second = await rotate(stage, first.sessionId);
    const handle = first.session.id;
    const { changed, told } = await change(id, handle, { hashedPassword: OTHER_HASH });

    const third = told[0]?.sessionId ?? '';
    expect(told).toMatchObject([{ session: first.session }]);
    expect(await manager().validateSession(third)).toMatchObject({ session: first.session });
    expect(await stateOf(second.sessionId)).toBe('active');
    expect(await manager().rotateSession(second.sessionId)).toMatchObject({ reason: 'in-grace' });
    expect(await stateOf(first.sessionId)).toBe('revoked');
    expect(await stateOf(other.sessionId)).toBe('revoked');
    expect((await manager().listSessions(id)).map((entry) => entry.id)).toEqual([handle]);
    expectNoSecrets(changed, [third, digestOf(third), OTHER_HASH]);

    const own = () => harness().told.filter((event) => 'userId' in event && event.userId === id);
    await expect
      .poll(own)
      .toMatchObject([
        { kind: 'created' },
        { kind: 'created' },
        { kind: 'rotated', handle },
        { kind: 'all-revoked', keptHandle: handle },
        { kind: 'rotated', handle },
      ]);
  });

  it('rotates nothing where the password stays, no session is kept, or it is of another realm', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id);
    const elsewhere = await harness().otherRealm.createSession(id, { ip: '' }, 60);
    const [theirs] = await harness().otherRealm.listSessions(id);

    expect((await change(id, session.id, { isVerified: true })).told).toEqual([]);
    expect(await stateOf(sessionId)).toBe('active');
    expect((await change(id, theirs?.id, { hashedPassword: OTHER_HASH })).told).toEqual([]);
    expect((await harness().otherRealm.findBySessionId(elsewhere))?.id).toBe(id);
    expect(await harness().otherRealm.rotateSession(elsewhere)).toMatchObject({ rotated: true });
    expect((await change(id, undefined, { hashedPassword: HASH })).told).toEqual([]);
    expect(await manager().listSessions(id)).toEqual([]);
  });
}

function outlivingTheGrace(stage: ManagerStage): void {
  const { harness, manager, signIn, stateOf, user } = stage;

  it('refuses the old sessionId after the grace, tells of its use once, and goes on by the new one', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id, 3_600);
    const rotated = await rotate(stage, sessionId);
    expect(await stateOf(sessionId)).toBe('active');
    await harness().elapse(LIMITS.ROTATION_GRACE + 200);

    for (let visits = 0; visits < 3; visits += 1) expect(await stateOf(sessionId)).toBe('revoked');
    const confirmed = await manager().validateSession(sessionId, { confirm: true });
    expect(confirmed).toEqual({ status: 'none', reason: 'revoked' });
    expect(await manager().rotateSession(sessionId)).toEqual({ rotated: false, reason: 'revoked' });
    expect(await stateOf(rotated.sessionId)).toBe('active');

    const own = () => harness().told.filter((event) => 'userId' in event && event.userId === id);
    await expect
      .poll(own)
      .toMatchObject([
        { kind: 'created' },
        { kind: 'rotated' },
        { kind: 'reuse', userId: id, realm: 'web', handle: session.id },
      ]);
  });
}
