import { generateSessionId } from '@repo/exchange-core';
import { describe, expect, it } from 'vitest';
import { MemoryKeys } from '../../src/adapters/memory-keys.ts';
import { LIFETIMES, LIMITS } from '../../src/policy/limits.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import { newSession, newUser, OTHER_HASH } from '../../src/testing/samples.ts';
import { manualClock } from '../../src/testing.ts';
import { memoryStage } from './stage.ts';

describe('changes made past us, in the domain’s own manager', () => {
  it('show at the next reading: a role by its version, a hash by the end of all sessions', async () => {
    const { domain, records, users } = memoryStage();
    const { id } = await users.create(newUser());
    const { session, user } = await records.create(newSession(id));
    await domain.update(id, { role: 'ADMIN' });
    const seen = (await records.read([session.digest])).get(session.digest);
    expect(seen).toMatchObject({ state: 'live', live: { user: { user: { role: 'ADMIN' } } } });
    expect(seen?.state === 'live' && seen.live.user.version > user.version).toBe(true);

    await domain.update(id, { hashedPassword: OTHER_HASH });
    expect((await records.read([session.digest])).get(session.digest)?.state).toBe('revoked');
  });
});

describe('a sessionId that is written', () => {
  it('opens a session of seven days that nothing extends, and is stored nowhere', async () => {
    const { clock, domain, records, users } = memoryStage();
    const { id } = await users.create(newUser());
    const sessionId = generateSessionId();
    await users.update(id, { sessionId });
    await records.extend(digestOf(sessionId), LIFETIMES.ABSOLUTE);
    clock.advance(LIFETIMES.MAX_AGE - 1);
    expect((await users.findBySessionId(sessionId))?.id).toBe(id);
    expect(JSON.stringify(await domain.getAll())).not.toContain(sessionId);

    clock.advance(1);
    expect(await users.findBySessionId(sessionId)).toBeNull();
  });
});

describe('memory', () => {
  it('forgets records a day after they ended, without being told', async () => {
    const { clock, database, records, users } = memoryStage();
    const { id } = await users.create(newUser());
    for (let made = 0; made < 100; made += 1) await records.create(newSession(id));
    clock.advance(60_000 + LIMITS.KEEP_ENDED + 1);
    await records.create(newSession(id));

    expect(database.sessionsOf(id)).toHaveLength(1);
  });

  it('drops expired entries that nobody asks for, with a later write', () => {
    const clock = manualClock();
    const keys = new MemoryKeys(clock);
    for (let at = 0; at < 1_000; at += 1) keys.set(`key-${at}`, 'x', 5_000);
    clock.advance(20_000);
    keys.set('last', 'x', 5_000);

    expect(keys.size).toBe(1);
  });

  it('counts the exact end of an entry as its end', () => {
    const clock = manualClock();
    const keys = new MemoryKeys(clock);
    keys.set('key', 'x', 1_000);
    clock.advance(999);
    expect([keys.get('key'), keys.left('key')]).toEqual(['x', 1]);

    clock.advance(1);
    expect([keys.get('key'), keys.left('key')]).toEqual([null, 0]);
  });
});
