import { expect, it } from 'vitest';
import { digestOf } from '../policy/session-id.ts';
import type { ManagerStage } from './manager-stage.ts';
import { CENTURY, expectNoSecrets, expectRefusal, HASH, WRONG_TTLS } from './samples.ts';
import { extending } from './user-manager-extending.ts';
import { telling } from './user-manager-telling.ts';

export function sessionVerbs(stage: ManagerStage): void {
  opening(stage);
  telling(stage);
  extending(stage);
  listing(stage);
}

function opening({ harness, manager, signIn, stateOf, user }: ManagerStage): void {
  it('opens a session as the log-in described it', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id, 60);

    expect(sessionId).toMatch(/^[\w-]{43}$/);
    expect(session).toMatchObject({ userId: id, realm: 'web', ip: '203.0.113.7' });
    expect(session.userAgent).toContain('Firefox');
    expect(session.expiresAt - session.createdAt).toBe(60_000);
    expect(session.authenticatedAt).toBe(session.createdAt);
    expectNoSecrets(session, [sessionId, digestOf(sessionId)]);
  });

  it('keeps many sessions of one user, each its own', async () => {
    const { id } = await user();
    const opened = await Promise.all([signIn(id), signIn(id), signIn(id)]);

    expect(new Set(opened.map(({ sessionId }) => sessionId)).size).toBe(3);
    expect(new Set(opened.map(({ session }) => session.id)).size).toBe(3);
    for (const { sessionId } of opened) expect(await stateOf(sessionId)).toBe('active');
  });

  it('gives a lookup the user of that session and no secret', async () => {
    const [ada, grace] = [await user(), await user()];
    const [one, other] = [await signIn(ada.id), await signIn(grace.id)];
    const found = await manager().validateSession(one.sessionId);

    expect(found).toMatchObject({ status: 'active', user: { id: ada.id } });
    expect((await manager().findBySessionId(other.sessionId))?.id).toBe(grace.id);
    expectNoSecrets(found, [one.sessionId, digestOf(one.sessionId), HASH]);
    expectNoSecrets(await manager().findBySessionId(one.sessionId), [one.sessionId, HASH]);
  });

  it('bounds a session by the absolute limit', async () => {
    const { session } = await signIn((await user()).id, CENTURY);

    expect(session.expiresAt).toBe(session.absoluteExpiresAt);
  });

  it.each(WRONG_TTLS)('refuses a ttl of %d and opens nothing', async (ttl) => {
    const { id } = await user();
    await expectRefusal(manager().createSession(id, { ip: '' }, ttl), 'TTL_INVALID');

    expect(await manager().listSessions(id)).toEqual([]);
  });

  it('opens none for nobody', async () => {
    const nobody = manager().createSession('no-such-user', { ip: '' }, 60);
    await expectRefusal(nobody, 'USER_NOT_FOUND');
  });

  it('knows no session of another realm', async () => {
    const { id } = await user();
    const web = await signIn(id);
    const elsewhere = await harness().otherRealm.createSession(id, { ip: '' }, 60);

    expect(await stateOf(elsewhere)).toBe('unknown');
    expect(await harness().otherRealm.findBySessionId(web.sessionId)).toBeUndefined();
    expect((await harness().otherRealm.findBySessionId(elsewhere))?.id).toBe(id);
    expect(await manager().listSessions(id)).toHaveLength(1);
  });
}

function listing({ harness, manager, signIn, user }: ManagerStage): void {
  it("lists the user's live sessions, newest first, and which is current", async () => {
    const { id } = await user();
    const first = await signIn(id);
    await harness().elapse(5);
    const second = await signIn(id);
    const ended = await signIn(id);
    await manager().deleteSession(ended.sessionId);
    await signIn((await user()).id);

    const listed = await manager().listSessions(id, { current: first.session.id });
    expect(listed.map((entry) => [entry.id, entry.current])).toEqual([
      [second.session.id, false],
      [first.session.id, true],
    ]);
    expect(listed[1]).toMatchObject({ ...first.session, device: 'Firefox on Linux' });
    const secrets = [first, second].flatMap(({ sessionId }) => [sessionId, digestOf(sessionId)]);
    expectNoSecrets(listed, secrets);
  });

  it('counts the live sessions of its realm, as far as it is told to', async () => {
    const before = await manager().countSessions();
    const { id } = await user();
    await Promise.all([signIn(id), signIn(id)]);
    const ended = await signIn(id);
    await manager().deleteSession(ended.sessionId);
    await harness().otherRealm.createSession(id, { ip: '' }, 60);

    expect(await manager().countSessions()).toBe(before + 2);
    expect(await manager().countSessions(1)).toBe(1);
    await expect(manager().countSessions(0)).rejects.toThrow(RangeError);
  });

  it('lists page after page, each live session once, also where the last of a page has ended', async () => {
    const { id } = await user();
    for (let n = 0; n < 5; n += 1) {
      await signIn(id);
      await harness().elapse(2);
    }
    const all = (await manager().listSessions(id)).map((entry) => entry.id);
    const page = async (after?: string) =>
      (await manager().listSessions(id, { after, limit: 2 })).map((entry) => entry.id);

    expect(await page()).toEqual(all.slice(0, 2));
    await manager().revokeSession(id, all[1] ?? '');
    expect(await page(all[1])).toEqual(all.slice(2, 4));
    expect(await page(all[3])).toEqual(all.slice(4));
    expect(await page(all[4])).toEqual([]);
    await expect(manager().listSessions(id, { limit: 1_001 })).rejects.toThrow(RangeError);
  });

  it('lists a kept session in its place', async () => {
    const { id } = await user();
    const kept = await signIn(id);
    await harness().elapse(2);
    await signIn(id);
    await manager().revokeOtherSessions(id, kept.session.id);
    await harness().elapse(2);
    const later = await signIn(id);

    const listed = await manager().listSessions(id);
    expect(listed.map((entry) => entry.id)).toEqual([later.session.id, kept.session.id]);
  });

  it('lists nothing for nobody', async () => {
    expect(await manager().listSessions('no-such-user')).toEqual([]);
  });

  it('cleans up and reports, leaving what lives', async () => {
    const { id } = await user();
    await signIn(id);
    const progress: number[] = [];
    const report = await manager().cleanup({ onProgress: (deleted) => progress.push(deleted) });

    expect(progress.at(-1)).toBe(report.deleted);
    expect(await manager().listSessions(id)).toHaveLength(1);
    await expect(manager().cleanup({ batchSize: 0 })).rejects.toThrow(RangeError);
    const stopped = await manager().cleanup({ signal: AbortSignal.abort() });
    expect(stopped).toEqual({ deleted: 0, auditDeleted: 0 });
  });
}
