import { expect, it } from 'vitest';
import type { UserManager } from '../types/index.ts';
import type { ManagerStage } from './manager-stage.ts';
import { CENTURY, expectRefusal, newUser } from './samples.ts';
import { rotate } from './user-manager-rotating.ts';

const WHERE = { ip: '198.51.100.4', userAgent: 'Mozilla/5.0' };
const HOUR = 3_600_000;
/** Ends of others' sessions travel to the copies: at once in memory, within a second elsewhere. */
const SOON = { timeout: 2_000 };

export function impersonating(stage: ManagerStage): void {
  const { harness, manager, signIn, stateOf, user } = stage;
  const administrator = () => manager().create(newUser({ role: 'ADMIN' }));
  const begin = async (ttl = 600) => {
    const [admin, owner] = [await administrator(), await user()];
    const own = await signIn(admin.id, 1_200);
    const sessionId = await manager().impersonate(own.sessionId, owner.id, WHERE, ttl);
    return { admin, owner, own, sessionId };
  };
  const sessionOf = async (sessionId: string) => {
    const found = await manager().validateSession(sessionId);
    if (found.status !== 'active') throw new Error(found.reason);
    return found;
  };

  it("is the user's session, and says who acts in every lookup, the list and the event", async () => {
    const { admin, own, owner, sessionId } = await begin();
    const actor = { userId: admin.id, handle: own.session.id };

    for (const confirm of [false, true, false]) {
      const found = await manager().validateSession(sessionId, { confirm });
      expect(found).toMatchObject({ status: 'active', user: { id: owner.id }, session: { actor } });
    }
    expect((await manager().listSessions(owner.id)).map((entry) => entry.actor)).toEqual([actor]);
    expect((await sessionOf(own.sessionId)).session.actor).toBeNull();
    const { session } = await sessionOf(sessionId);
    const told = { kind: 'impersonated', userId: owner.id, handle: session.id, actor };
    await expect.poll(() => harness().told).toContainEqual(expect.objectContaining(told));
  });

  it('lives an hour at most, and never longer than the session that opened it', async () => {
    const long = await begin(CENTURY);
    const { session } = await sessionOf(long.sessionId);
    expect(session.expiresAt).toBe((await sessionOf(long.own.sessionId)).session.expiresAt);

    const own = await signIn(long.admin.id, 86_400);
    const again = await manager().impersonate(own.sessionId, long.owner.id, WHERE, CENTURY);
    const { createdAt, expiresAt, absoluteExpiresAt } = (await sessionOf(again)).session;
    expect([expiresAt - createdAt, absoluteExpiresAt - createdAt]).toEqual([HOUR, HOUR]);
    await manager().extendSession(again, CENTURY);
    expect((await sessionOf(again)).session.expiresAt).toBe(expiresAt);
  });

  it('is drawn in with the session that opened it, and nothing moves it out again', async () => {
    const { own, sessionId } = await begin();
    await manager().extendSession(own.sessionId, 60);
    const { expiresAt } = (await sessionOf(own.sessionId)).session;
    await manager().extendSession(sessionId, 3_600);

    const found = await manager().validateSession(sessionId, { confirm: true });
    expect(found).toMatchObject({ status: 'active', session: { absoluteExpiresAt: expiresAt } });
    expect(found.status === 'active' && found.session.expiresAt).toBe(expiresAt);
  });

  it.each<[string, (manager: UserManager, begun: Awaited<ReturnType<typeof begin>>) => unknown]>([
    ['logs out', (at, { own }) => at.deleteSession(own.sessionId)],
    ['is signed out', (at, { admin, own }) => at.revokeSession(admin.id, own.session.id)],
    ['is signed out everywhere', (at, { admin }) => at.revokeAllSessions(admin.id)],
    ['changes the password', (at, { admin }) => at.update(admin.id, { hashedPassword: 'new' })],
    ['is an administrator no more', (at, { admin }) => at.update(admin.id, { role: 'USER' })],
  ])('ends when its actor %s, and nothing else of the user does', async (_what, end) => {
    const begun = await begin();
    const theirs = await signIn(begun.owner.id);
    expect(await stateOf(begun.sessionId)).toBe('active');
    await end(manager(), begun);

    expect(await manager().validateSession(begun.sessionId, { confirm: true })).toEqual({
      status: 'none',
      reason: 'revoked',
    });
    await expect.poll(() => stateOf(begun.sessionId), SOON).toBe('revoked');
    expect(await stateOf(theirs.sessionId)).toBe('active');
    expect(await manager().listSessions(begun.owner.id)).toHaveLength(1);
  });

  it('rotates as any session, and ends with its actor under both sessionIds', async () => {
    const { admin, own, sessionId } = await begin();
    const rotated = await rotate(stage, sessionId);
    expect(rotated.session.actor).toEqual({ userId: admin.id, handle: own.session.id });
    const next = await rotate(stage, own.sessionId);
    expect([await stateOf(sessionId), await stateOf(rotated.sessionId)]).toEqual([
      'active',
      'active',
    ]);
    await manager().deleteSession(next.sessionId);

    for (const id of [sessionId, rotated.sessionId]) {
      const confirmed = await manager().validateSession(id, { confirm: true });
      expect(confirmed).toEqual({ status: 'none', reason: 'revoked' });
      await expect.poll(() => stateOf(id), SOON).toBe('revoked');
    }
  });

  it('ends alone: its actor goes on', async () => {
    const { own, sessionId } = await begin();
    await manager().deleteSession(sessionId);
    expect([await stateOf(sessionId), await stateOf(own.sessionId)]).toEqual(['revoked', 'active']);
  });

  it('is ended by its actor where the actor leaves it, by the user from the list', async () => {
    const [left, listed] = [await begin(), await begin()];
    const { session } = await sessionOf(left.sessionId);
    await manager().deleteSession(left.sessionId);
    const entry = (await sessionOf(listed.sessionId)).session;
    await manager().revokeSession(listed.owner.id, entry.id);

    const ended = (handle: string, fact: object) =>
      expect
        .poll(() => harness().told)
        .toContainEqual(expect.objectContaining({ kind: 'revoked', handle, ...fact }));
    await ended(session.id, { by: 'administrator', actor: left.admin.id });
    await ended(entry.id, { by: 'user' });
  });

  it('never counts as a fresh identity, whatever is confirmed', async () => {
    const { sessionId } = await begin();
    expect(await manager().confirmIdentity(sessionId)).toBe(false);
    const asked = manager().validateSession(sessionId, { fresh: true });
    await expectRefusal(asked, 'IDENTITY_NOT_FRESH');
  });

  it('is refused to whoever is no administrator with a live session of this realm', async () => {
    const [admin, other, owner] = [await administrator(), await administrator(), await user()];
    const own = await signIn(admin.id);
    const gone = await signIn(admin.id);
    await manager().deleteSession(gone.sessionId);
    const elsewhere = await harness().otherRealm.createSession(admin.id, WHERE, 60);
    const theirs = await signIn((await user()).id);
    const acted = await manager().impersonate(own.sessionId, owner.id, WHERE, 60);

    for (const actor of [
      gone.sessionId,
      elsewhere,
      theirs.sessionId,
      acted,
      'unknown',
      'a b',
      '',
    ]) {
      const asked = manager().impersonate(actor, owner.id, WHERE, 60);
      await expectRefusal(asked, 'IMPERSONATION_REFUSED');
    }
    for (const { id } of [admin, other]) {
      const asked = manager().impersonate(own.sessionId, id, WHERE, 60);
      await expectRefusal(asked, 'IMPERSONATION_REFUSED');
    }
    const nobody = manager().impersonate(own.sessionId, 'no-such-user', WHERE, 60);
    await expectRefusal(nobody, 'USER_NOT_FOUND');
    await expectRefusal(manager().impersonate(own.sessionId, owner.id, WHERE, 0), 'TTL_INVALID');
    expect(await manager().listSessions(owner.id)).toHaveLength(1);
  });
}
