import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import { type AdapterStage, lasting } from './adapter-stage.ts';
import { expectRefusal, WRONG_TTLS } from './samples.ts';

export function extending(store: AdapterStage): void {
  it('moves the recorded expiry together with the stored one', async () => {
    const id = generateSessionId();
    await store().adapter.set(id, lasting(store, 1), 1);
    await store().adapter.extend(id, 60);
    await store().elapse(1_000);

    const data = await store().adapter.get(id);
    expect(data?.expires_at).toBeGreaterThan(store().now() + 50_000);
    expect(data?.expires_at).toBeLessThanOrEqual(store().now() + 60_000);
  });

  it('sets, so it may shorten', async () => {
    const id = generateSessionId();
    await store().adapter.set(id, lasting(store, 60), 60);
    await store().adapter.extend(id, 1);
    await store().elapse(1_000);

    expect(await store().adapter.get(id)).toBeNull();
  });

  it('changes nothing but the expiry', async () => {
    const id = generateSessionId();
    const data = lasting(store, 60, { user_agent: 'Mozilla/5.0' });
    await store().adapter.set(id, data, 60);
    await store().adapter.extend(id, 120);

    const extended = await store().adapter.get(id);
    expect(extended).toStrictEqual({ ...data, expires_at: extended?.expires_at });
  });

  it('creates nothing', async () => {
    const [absent, deleted] = [generateSessionId(), generateSessionId()];
    await store().adapter.set(deleted, lasting(store, 60), 60);
    await store().adapter.delete(deleted);
    await store().adapter.extend(absent, 60);
    await store().adapter.extend(deleted, 60);

    expect(await store().adapter.get(absent)).toBeNull();
    expect(await store().adapter.get(deleted)).toBeNull();
  });

  it.each(WRONG_TTLS)('refuses a ttl of %d and changes nothing', async (ttl) => {
    const id = generateSessionId();
    const data = lasting(store, 60);
    await store().adapter.set(id, data, 60);
    await expectRefusal(store().adapter.extend(id, ttl), 'TTL_INVALID');

    expect(await store().adapter.get(id)).toStrictEqual(data);
  });
}

export function deleting(store: AdapterStage): void {
  it('ends one session and no other', async () => {
    const [ended, other] = [generateSessionId(), generateSessionId()];
    await store().adapter.set(ended, lasting(store, 60), 60);
    await store().adapter.set(other, lasting(store, 60), 60);
    await store().adapter.delete(ended);

    expect(await store().adapter.get(ended)).toBeNull();
    expect(await store().adapter.get(other)).not.toBeNull();
  });

  it('counts a session that is gone or was never there as done', async () => {
    const id = generateSessionId();
    await store().adapter.set(id, lasting(store, 60), 60);
    await store().adapter.delete(id);

    await expect(store().adapter.delete(id)).resolves.toBeUndefined();
    await expect(store().adapter.delete(generateSessionId())).resolves.toBeUndefined();
  });

  it('leaves nothing where nothing was', async () => {
    const id = generateSessionId();
    await store().adapter.delete(id);
    await store().adapter.set(id, lasting(store, 60), 60);

    expect(await store().adapter.get(id)).not.toBeNull();
  });

  it('is final: what was deleted cannot be set again', async () => {
    const id = generateSessionId();
    await store().adapter.set(id, lasting(store, 2), 2);
    await store().adapter.delete(id);
    await store().elapse(2_000);

    await expectRefusal(store().adapter.set(id, lasting(store, 60), 60), 'SESSION_REVOKED');
    expect(await store().adapter.get(id)).toBeNull();
  });

  it('wins over whatever runs beside it', async () => {
    const id = generateSessionId();
    const { adapter } = store();
    await adapter.set(id, lasting(store, 60), 60);
    const extensions = [61, 62, 63].map((ttl) => adapter.extend(id, ttl));
    await Promise.all([...extensions, adapter.delete(id), adapter.extend(id, 64)]);

    expect(await adapter.get(id)).toBeNull();
  });
}
