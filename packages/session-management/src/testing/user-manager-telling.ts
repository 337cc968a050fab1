import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import type { ManagerStage } from './manager-stage.ts';
import { MALFORMED_IDS } from './samples.ts';

export function telling({ harness, manager, signIn, stateOf, user }: ManagerStage): void {
  it('says why a sessionId signs nobody in', async () => {
    const { id } = await user();
    const revoked = await signIn(id);
    const expired = await signIn(id, 1);
    await manager().deleteSession(revoked.sessionId);
    await harness().elapse(1_000);

    expect(await stateOf('')).toBe('absent');
    expect(await stateOf(generateSessionId())).toBe('unknown');
    expect(await stateOf(revoked.sessionId)).toBe('revoked');
    expect(await stateOf(expired.sessionId)).toBe('expired');
  });

  it('says the same when the record is asked', async () => {
    const { sessionId } = await signIn((await user()).id);
    expect((await manager().validateSession(sessionId, { confirm: true })).status).toBe('active');

    await manager().deleteSession(sessionId);
    const found = await manager().validateSession(sessionId, { confirm: true });
    expect(found).toEqual({ status: 'none', reason: 'revoked' });
  });

  it.each(MALFORMED_IDS)('takes a malformed sessionId for nobody: %s', async (_name, id) => {
    expect((await manager().validateSession(id)).status).toBe('none');
    expect(await manager().findBySessionId(id)).toBeUndefined();
    await expect(manager().deleteSession(id)).resolves.toBeUndefined();
    await expect(manager().extendSession(id, 60)).resolves.toBeUndefined();
  });

  it.each([undefined, null, 7, {}, [], ['a'], { not: '' }, Buffer.from('a')])(
    'takes what is no string for nobody (%j)',
    async (value) => {
      const call: Promise<unknown> = Reflect.apply(manager().findBySessionId, manager(), [value]);
      expect(await call).toBeUndefined();
    },
  );

  it('gives each caller objects of its own', async () => {
    const { sessionId } = await signIn((await user()).id);
    const first = await manager().findBySessionId(sessionId);
    first?.createdAt.setFullYear(1970);

    const second = await manager().findBySessionId(sessionId);
    expect(second?.createdAt.getFullYear()).not.toBe(1970);
  });
}
