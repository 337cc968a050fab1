import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import { type AdapterStage, lasting } from './adapter-stage.ts';
import { expectRefusal, MALFORMED_IDS, WRONG_TTLS } from './samples.ts';

export function storing(store: AdapterStage): void {
  it('gives back what was set', async () => {
    const [bare, full] = [generateSessionId(), generateSessionId()];
    const plain = lasting(store, 60);
    const withAgent = lasting(store, 60, { user_agent: 'Mozilla/5.0 "é" \u2028' });
    await store().adapter.set(bare, plain, 60);
    await store().adapter.set(full, withAgent, 60);

    expect(await store().adapter.get(bare)).toStrictEqual(plain);
    expect(await store().adapter.get(full)).toStrictEqual(withAgent);
  });

  it('hands back an equal copy, not the object that was stored', async () => {
    const id = generateSessionId();
    const data = lasting(store, 60);
    await store().adapter.set(id, data, 60);
    data.ip = '198.51.100.9';

    expect((await store().adapter.get(id))?.ip).toBe('203.0.113.7');
  });

  it('stores exactly the five fields', async () => {
    const id = generateSessionId();
    const data = lasting(store, 60);
    await store().adapter.set(id, { ...data, ...{ version: 9, role: 'ADMIN' } }, 60);

    expect(await store().adapter.get(id)).toStrictEqual(data);
  });

  it('lets a later set replace an earlier one', async () => {
    const id = generateSessionId();
    const data = lasting(store, 60, { user_id: 'user-2' });
    await store().adapter.set(id, lasting(store, 60), 60);
    await store().adapter.set(id, data, 60);

    expect(await store().adapter.get(id)).toStrictEqual(data);
  });

  it('knows nothing of a session that was never set', async () => {
    expect(await store().adapter.get(generateSessionId())).toBeNull();
  });

  it('knows nothing at the exact end of the ttl', async () => {
    const id = generateSessionId();
    await store().adapter.set(id, lasting(store, 1), 1);
    expect(await store().adapter.get(id)).not.toBeNull();
    await store().elapse(1_000);

    expect(await store().adapter.get(id)).toBeNull();
  });

  it.each(WRONG_TTLS)('refuses a ttl of %d and stores nothing', async (ttl) => {
    const id = generateSessionId();
    await expectRefusal(store().adapter.set(id, lasting(store, 60), ttl), 'TTL_INVALID');

    expect(await store().adapter.get(id)).toBeNull();
  });

  it.each(MALFORMED_IDS)('takes no malformed sessionId: %s', async (_name, id) => {
    await expect(store().adapter.set(id, lasting(store, 60), 60)).rejects.toThrow(TypeError);
    await expect(store().adapter.extend(id, 60)).resolves.toBeUndefined();
    await expect(store().adapter.delete(id)).resolves.toBeUndefined();

    expect(await store().adapter.get(id)).toBeNull();
  });

  it('refuses data that could not be read again', async () => {
    const id = generateSessionId();
    const data = lasting(store, 60, { expires_at: Number.NaN });
    await expect(store().adapter.set(id, data, 60)).rejects.toThrow(TypeError);

    expect(await store().adapter.get(id)).toBeNull();
  });
}
