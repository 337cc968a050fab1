import { expect, it } from 'vitest';
import type { Session } from '../types/index.ts';
import type { ManagerStage } from './manager-stage.ts';
import { CENTURY } from './samples.ts';

/** Between two uses, in milliseconds: a third of the idle timeout. */
const STEP = 1_000;
/** An hour, in seconds: longer than any test. */
const HOUR = 3_600;

export function renewing({ harness, user }: ManagerStage): void {
  const realm = () => harness().idleRealm;
  const timeoutMs = () => realm().policy.idle?.timeoutMs ?? 0;

  async function signIn(ttl = HOUR): Promise<{ sessionId: string; userId: string }> {
    const { id: userId } = await user();
    return { sessionId: await realm().createSession(userId, { ip: '' }, ttl), userId };
  }

  async function sessionOf(sessionId: string): Promise<Session> {
    const found = await realm().validateSession(sessionId);
    if (found.status !== 'active') throw new Error(found.reason);
    return found.session;
  }

  const later = (at: number) =>
    expect.objectContaining({ expiresAt: expect.toSatisfy((to) => to > at) });

  it('ends a session that nobody uses, at the exact instant', async () => {
    const { sessionId, userId } = await signIn();
    const { createdAt, expiresAt } = await sessionOf(sessionId);
    expect(expiresAt - createdAt).toBe(timeoutMs());
    await harness().elapse(timeoutMs());

    expect(await realm().validateSession(sessionId)).toEqual({ status: 'none', reason: 'expired' });
    expect(await realm().listSessions(userId)).toEqual([]);
  });

  it('keeps a session that is used alive past its idle timeout, in the record and in every copy', async () => {
    const { sessionId, userId } = await signIn();
    let { createdAt, expiresAt } = await sessionOf(sessionId);
    for (let used = 0; used < 2 * timeoutMs(); used += STEP) {
      await harness().elapse(STEP);
      await sessionOf(sessionId);
      await expect.poll(() => sessionOf(sessionId)).toEqual(later(expiresAt));
      ({ createdAt, expiresAt } = await sessionOf(sessionId));
    }
    const [listed] = await realm().listSessions(userId);
    expect(Math.abs((listed?.expiresAt ?? 0) - expiresAt)).toBeLessThan(1_000);
    expect(expiresAt - createdAt).toBeGreaterThan(2 * timeoutMs());
  });

  it('lets a session live no longer than its ttl, however much it is used', async () => {
    const { sessionId } = await signIn(2);
    const { createdAt, absoluteExpiresAt } = await sessionOf(sessionId);
    expect(absoluteExpiresAt - createdAt).toBe(2_000);
    await harness().elapse(STEP);
    await sessionOf(sessionId);
    await harness().elapse(STEP);

    expect((await realm().validateSession(sessionId)).status).toBe('none');
  });

  it('is not kept alive by a sessionId in its grace, and its cookie lives as the session may', async () => {
    const { sessionId } = await signIn();
    const rotation = await realm().rotateSession(sessionId);
    if (!rotation.rotated) throw new Error(rotation.reason);
    expect(rotation.maxAgeSeconds).toBeGreaterThan(HOUR - 60);
    for (let used = STEP; used < timeoutMs(); used += STEP) {
      await harness().elapse(STEP);
      expect((await realm().validateSession(sessionId)).status).toBe('active');
    }
    await harness().elapse(STEP);

    const found = await realm().validateSession(rotation.sessionId);
    expect(found).toEqual({ status: 'none', reason: 'expired' });
    expect((await realm().validateSession(sessionId)).status).toBe('none');
  });

  it('does not let extendSession past the idle timeout', async () => {
    const { sessionId } = await signIn();
    const before = await sessionOf(sessionId);
    await realm().extendSession(sessionId, CENTURY);
    const { expiresAt } = await sessionOf(sessionId);
    await harness().elapse(timeoutMs());

    expect(expiresAt).toBeLessThan(before.createdAt + timeoutMs() + 30_000);
    expect((await realm().validateSession(sessionId)).status).toBe('none');
  });
}
