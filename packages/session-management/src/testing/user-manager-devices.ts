import { expect, it } from 'vitest';
import type { ManagerStage } from './manager-stage.ts';

export function devices({ harness, manager, signIn, stateOf, user }: ManagerStage): void {
  const labels = async (userId: string): Promise<(string | null)[]> =>
    (await manager().listSessions(userId)).map(({ label }) => label);

  it('shows what the user calls a device, until it is taken away, and nowhere but in the list', async () => {
    const { id } = await user();
    const { session, sessionId } = await signIn(id);
    expect(await labels(id)).toEqual([null]);

    expect(await manager().labelSession(id, session.id, '  Kitchen \u{1F373} ')).toBe(true);
    expect(await labels(id)).toEqual(['Kitchen \u{1F373}']);
    const found = await manager().validateSession(sessionId);
    expect(found).toMatchObject({ status: 'active', session });
    await manager().labelSession(id, session.id, ' ');
    expect(await labels(id)).toEqual([null]);
  });

  it.each([
    ['is cut', 'x'.repeat(1_000), 'x'.repeat(64)],
    ['loses control characters', 'a\0b\nc', 'abc'],
    ['is well-formed', `${'x'.repeat(63)}\u{1F373}`, `${'x'.repeat(63)}\ufffd`],
    ['has no blank at its cut', `${'x'.repeat(63)} y`, 'x'.repeat(63)],
  ])('a name %s', async (_how, given, shown) => {
    const { id } = await user();
    const { session } = await signIn(id);
    await manager().labelSession(id, session.id, given);
    expect(await labels(id)).toEqual([shown]);
  });

  it('names no session of another user or realm, and none that has ended', async () => {
    const [{ id }, other] = [await user(), await user()];
    const [live, ended] = [await signIn(id), await signIn(id)];
    await manager().deleteSession(ended.sessionId);

    expect(await manager().labelSession(other.id, live.session.id, 'mine')).toBe(false);
    expect(await harness().otherRealm.labelSession(id, live.session.id, 'mine')).toBe(false);
    for (const handle of [ended.session.id, 'nothing', 'nul\0', '']) {
      expect(await manager().labelSession(id, handle, 'mine')).toBe(false);
    }
    expect(await labels(id)).toEqual([null]);
    expect(await stateOf(ended.sessionId)).toBe('revoked');
  });
}
