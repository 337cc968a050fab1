import { expect, it } from 'vitest';
import { digestOf } from '../policy/session-id.ts';
import type { SessionEvent } from '../types/index.ts';
import type { ManagerStage } from './manager-stage.ts';
import { expectNoSecrets, HASH, OTHER_HASH } from './samples.ts';

export function tellingEvents(stage: ManagerStage): void {
  tellingOfOne(stage);
  tellingOfMany(stage);
  tellingByWhom(stage);
  tellingNothing(stage);
}

/** Events come behind the call that caused them, so they are awaited. */
async function toldOf(
  { harness }: ManagerStage,
  userId: string,
  expected: readonly object[],
): Promise<void> {
  const own = (event: SessionEvent) => 'userId' in event && event.userId === userId;
  await expect.poll(() => harness().told.filter(own)).toMatchObject(expected);
}

function tellingOfOne(stage: ManagerStage): void {
  const { harness, manager, signIn, stateOf, user } = stage;

  it('tells of a session that was opened, extended and ended, in this order, once each', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id);
    await manager().extendSession(sessionId, 120);
    await manager().deleteSession(sessionId);
    await manager().deleteSession(sessionId);

    const whose = { userId: id, realm: 'web', handle: session.id };
    await toldOf(stage, id, [
      { kind: 'created', ...whose, expiresAt: session.expiresAt },
      { kind: 'extended', ...whose },
      { kind: 'revoked', ...whose, reason: 'signed-out', by: 'user' },
    ]);
    expectNoSecrets(harness().told, [sessionId, digestOf(sessionId)]);
    expect(JSON.stringify(harness().told)).not.toContain('@');
  });

  it('tells once that a session has expired, however often its visitor comes back', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id, 1);
    await harness().elapse(1_000);
    for (let visits = 0; visits < 3; visits += 1) expect(await stateOf(sessionId)).toBe('expired');
    await signIn(id);

    await toldOf(stage, id, [
      { kind: 'created' },
      { kind: 'expired', realm: 'web', handle: session.id },
      { kind: 'created' },
    ]);
  });

  it('tells of a proof of who they are', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id);
    await manager().confirmIdentity(sessionId);
    await manager().confirmIdentity('never-there');
    await manager().deleteSession(sessionId);

    await toldOf(stage, id, [
      { kind: 'created' },
      { kind: 'identity-confirmed', userId: id, realm: 'web', handle: session.id },
      { kind: 'revoked' },
    ]);
  });

  it('names the realm of a session', async () => {
    const { id } = await user();
    await harness().otherRealm.createSession(id, { ip: '' }, 60);

    await toldOf(stage, id, [{ kind: 'created', realm: 'admin' }]);
  });
}

function tellingOfMany(stage: ManagerStage): void {
  const { harness, manager, signIn, user } = stage;

  it('tells once that the others of the realm have ended, how many, and which was kept', async () => {
    const { id } = await user();
    const [kept, other] = [await signIn(id), await signIn(id)];
    await manager().revokeOtherSessions(id, kept.session.id);
    await manager().revokeSession(id, other.session.id);
    await manager().revokeSession(id, kept.session.id);

    await toldOf(stage, id, [
      { kind: 'created' },
      { kind: 'created' },
      {
        kind: 'all-revoked',
        realm: 'web',
        keptHandle: kept.session.id,
        count: 1,
        reason: 'revoked-others',
        by: 'user',
      },
      { kind: 'revoked', handle: kept.session.id, reason: 'revoked' },
    ]);
  });

  it('tells of each that a log-in ended at the limit, before it tells of the log-in', async () => {
    const { id } = await user();
    const { otherRealm } = harness();
    for (let n = 0; n < 6; n += 1) {
      await otherRealm.createSession(id, { ip: '' }, 60);
      await harness().elapse(5);
    }

    const opened = Array.from({ length: 5 }, () => ({ kind: 'created', realm: 'admin' }));
    await toldOf(stage, id, [
      ...opened,
      { kind: 'revoked', realm: 'admin', reason: 'limit', by: 'system' },
      { kind: 'created' },
    ]);
  });

  it('tells once that all of a user have ended, and how many', async () => {
    const { id } = await user();
    await signIn(id);
    await signIn(id);
    await manager().revokeAllSessions(id);
    await manager().revokeAllSessions(id);
    await signIn(id);

    await toldOf(stage, id, [
      { kind: 'created' },
      { kind: 'created' },
      {
        kind: 'all-revoked',
        realm: null,
        keptHandle: null,
        count: 2,
        reason: 'revoked-all',
        by: 'user',
      },
      { kind: 'created' },
    ]);
  });

  it('tells that a new password has ended all but the one that was kept, and how many', async () => {
    const { id } = await user();
    const { session } = await signIn(id);
    await signIn(id);
    await signIn(id);
    await manager().update(id, { hashedPassword: OTHER_HASH }, { keepHandle: session.id });
    await manager().rehashPassword(id, OTHER_HASH, HASH);
    await manager().update(id, { isVerified: true });
    await signIn(id);

    await toldOf(stage, id, [
      { kind: 'created' },
      { kind: 'created' },
      { kind: 'created' },
      {
        kind: 'all-revoked',
        realm: null,
        keptHandle: session.id,
        count: 2,
        reason: 'password-changed',
        by: 'system',
      },
      { kind: 'created' },
    ]);
  });
}

function tellingByWhom(stage: ManagerStage): void {
  const { manager, signIn, user } = stage;
  const actor = 'admin-1';
  const by = 'administrator';

  it('tells which administrator ended sessions of another', async () => {
    const { id } = await user();
    const [one, kept] = [await signIn(id), await signIn(id)];
    await signIn(id);
    await manager().revokeSession(id, one.session.id, { actor });
    await manager().revokeOtherSessions(id, kept.session.id, { actor });
    await manager().revokeAllSessions(id, { actor });

    await toldOf(stage, id, [
      ...Array.from({ length: 3 }, () => ({ kind: 'created' })),
      { kind: 'revoked', reason: 'revoked', by, actor },
      { kind: 'all-revoked', reason: 'revoked-others', by, actor },
      { kind: 'all-revoked', reason: 'revoked-all', by, actor },
    ]);
  });

  it('tells of a user who ends sessions of their own as of the user, whoever is named', async () => {
    const { id } = await user();
    const [one, other] = [await signIn(id), await signIn(id)];
    await manager().revokeSession(id, one.session.id);
    await manager().revokeSession(id, other.session.id, { actor: id });

    await toldOf(stage, id, [
      { kind: 'created' },
      { kind: 'created' },
      { kind: 'revoked', by: 'user' },
      { kind: 'revoked', by: 'user' },
    ]);
  });
}

function tellingNothing(stage: ManagerStage): void {
  const { manager, signIn, user } = stage;

  it('tells nothing of what did not happen', async () => {
    const { id } = await user();
    await manager().revokeAllSessions(id);
    await manager().revokeOtherSessions(id, 'not-a-handle');
    await manager().deleteSession('never-there');
    await manager().extendSession('never-there', 60);
    await manager()
      .createSession(id, { ip: '' }, 0)
      .catch(() => undefined);
    await signIn(id);

    await toldOf(stage, id, [{ kind: 'created' }]);
  });
}
