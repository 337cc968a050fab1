import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import type { User, UserRepository } from '../types/index.ts';
import { expectNoSecrets, HASH, newUser } from './samples.ts';

export function inbox(users: () => UserRepository): void {
  const bySession = async (sessionId: string): Promise<User | null | undefined> =>
    users().findBySessionId?.(sessionId);

  it.each(['generated', 'short'])(
    'opens a session when a sessionId is written (%s)',
    async (kind) => {
      const { id } = await users().create(newUser());
      const sessionId = kind === 'short' ? `s-${id}` : generateSessionId();
      await users().update(id, { sessionId });

      const found = await bySession(sessionId);
      expect(found?.id).toBe(id);
      expectNoSecrets(found, [HASH, sessionId]);
    },
  );

  it('opens one for a user who is created with a sessionId', async () => {
    const sessionId = generateSessionId();
    const { id } = await users().create(newUser({ sessionId }));

    expect((await bySession(sessionId))?.id).toBe(id);
  });

  it.each([undefined, null])('ends it when the sessionId becomes %s', async (cleared) => {
    const { id } = await users().create(newUser());
    const sessionId = generateSessionId();
    await users().update(id, { sessionId });
    await users().update(id, { sessionId: cleared });

    expect(await bySession(sessionId)).toBeNull();
  });

  it('does not let what ended come back by being written again', async () => {
    const { id } = await users().create(newUser());
    const sessionId = generateSessionId();
    await users().update(id, { sessionId });
    await users().update(id, { sessionId: undefined });
    await users().update(id, { sessionId });

    expect(await bySession(sessionId)).toBeNull();
  });

  it('keeps the session of one device when another writes its own', async () => {
    const { id } = await users().create(newUser());
    const [laptop, phone] = [generateSessionId(), generateSessionId()];
    await users().update(id, { sessionId: laptop });
    await users().update(id, { sessionId: phone });

    expect((await bySession(laptop))?.id).toBe(id);
    expect((await bySession(phone))?.id).toBe(id);
  });

  it('ends no session of another user who was written the same', async () => {
    const [owner, other] = [await users().create(newUser()), await users().create(newUser())];
    const sessionId = generateSessionId();
    await users().update(owner.id, { sessionId });
    await users().update(other.id, { sessionId });
    expect((await bySession(sessionId))?.id).toBe(owner.id);

    await users().update(other.id, { sessionId: undefined });
    expect((await bySession(sessionId))?.id).toBe(owner.id);
  });

  it.each(['sha256:abc', '', 'two words', 'nul\0'])(
    'refuses to be written %j',
    async (sessionId) => {
      const { id } = await users().create(newUser());

      await expect(users().update(id, { sessionId })).rejects.toThrow(TypeError);
    },
  );

  it.each(['', 'unheard-of', 'two words', 'nul\0'])('signs nobody in by %j', async (sessionId) => {
    expect(await bySession(sessionId)).toBeNull();
  });
}
