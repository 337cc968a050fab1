import { expect, it } from 'vitest';
import type { Session, UserRole } from '../types/index.ts';
import type { ManagerStage } from './manager-stage.ts';
import { CENTURY, expectRefusal, newUser } from './samples.ts';

const HOUR = 3_600;

export function roles({ harness, manager }: ManagerStage): void {
  const realm = () => harness().idleRealm;
  const rules = () => {
    const { policy } = realm();
    if (!policy.roles.ADMIN) throw new Error('the realm has rules for administrators');
    return { USER: policy, ADMIN: policy.roles.ADMIN };
  };

  async function signIn(role: UserRole) {
    const { id: userId } = await manager().create(newUser({ role }));
    return { userId, sessionId: await open(userId) };
  }

  const open = (userId: string) => realm().createSession(userId, { ip: '' }, HOUR);
  const give = (userId: string, role: UserRole) => manager().update(userId, { role });

  async function sessionOf(sessionId: string): Promise<Session> {
    const found = await realm().validateSession(sessionId);
    if (found.status !== 'active') throw new Error(found.reason);
    return found.session;
  }

  const mostOf = async (sessionId: string): Promise<number> => {
    const { absoluteExpiresAt, createdAt } = await sessionOf(sessionId);
    return absoluteExpiresAt - createdAt;
  };

  it.each(['USER', 'ADMIN'] as const)('gives a log-in of %s the life of its role', async (role) => {
    const { sessionId } = await signIn(role);
    const { createdAt, expiresAt } = await sessionOf(sessionId);

    expect(expiresAt - createdAt).toBe(rules()[role].idle?.timeoutMs);
    expect(await mostOf(sessionId)).toBe(rules()[role].absoluteMs);
  });

  it('counts sessions by the limit of the role', async () => {
    for (const [role, most] of [
      ['USER', 2],
      ['ADMIN', 1],
    ] as const) {
      const { sessionId, userId } = await signIn(role);
      const later = await open(userId);
      expect((await realm().validateSession(later)).status).toBe('active');
      expect(await realm().listSessions(userId)).toHaveLength(most);
      expect((await realm().validateSession(sessionId)).status).toBe(
        most === 2 ? 'active' : 'none',
      );
    }
  });

  it('asks for a fresh identity by the new role at once', async () => {
    const { sessionId, userId } = await signIn('USER');
    await harness().elapse(rules().ADMIN.freshForMs);
    expect((await realm().validateSession(sessionId, { fresh: true })).status).toBe('active');
    await give(userId, 'ADMIN');

    await expectRefusal(realm().validateSession(sessionId, { fresh: true }), 'IDENTITY_NOT_FRESH');
  });

  it('holds a session to the stricter times of a new role from its next use on', async () => {
    const { sessionId, userId } = await signIn('USER');
    expect(await mostOf(sessionId)).toBe(rules().USER.absoluteMs);
    await give(userId, 'ADMIN');

    await expect.poll(() => mostOf(sessionId)).toBe(rules().ADMIN.absoluteMs);
    await harness().elapse(rules().ADMIN.idle?.timeoutMs ?? 0);
    expect((await realm().validateSession(sessionId)).status).toBe('none');
  });

  it('gives a session back no time with a looser role', async () => {
    const { sessionId, userId } = await signIn('ADMIN');
    await give(userId, 'USER');
    const { expiresAt } = await sessionOf(sessionId);
    await harness().elapse(rules().USER.idle?.updateAgeMs ?? 0);

    await expect
      .poll(async () => (await sessionOf(sessionId)).expiresAt)
      .toBeGreaterThan(expiresAt);
    expect(await mostOf(sessionId)).toBe(rules().ADMIN.absoluteMs);
  });

  it('extends no further than the idle timeout of the role', async () => {
    const { sessionId } = await signIn('ADMIN');
    await realm().extendSession(sessionId, CENTURY);
    await harness().elapse(rules().ADMIN.idle?.timeoutMs ?? 0);

    expect((await realm().validateSession(sessionId)).status).toBe('none');
  });
}
