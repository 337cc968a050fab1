import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import { DEFAULT_REALM } from '../policy/limits.ts';
import { digestOf } from '../policy/session-id.ts';
import type { CopiesStage } from './copies-stage.ts';
import { expectRefusal, sessionCopy } from './samples.ts';

export function besideTheAdapter(store: CopiesStage): void {
  const managed = (id: string) => sessionCopy(store().now(), { digest: digestOf(id) });
  const data = () => ({
    user_id: 'user-2',
    created_at: store().now(),
    expires_at: store().now() + 60_000,
    ip: '198.51.100.9',
  });

  it('shows the five fields of a session that has a record', async () => {
    const id = generateSessionId();
    const copy = managed(id);
    await store().copies.put(copy);

    expect(await store().copies.get(id)).toStrictEqual({
      user_id: copy.userId,
      created_at: copy.createdAt,
      expires_at: copy.expiresAt,
      ip: copy.ip,
      user_agent: copy.userAgent,
    });
  });

  it('shows nothing of one in its grace, which it keeps though its end comes', async () => {
    const id = generateSessionId();
    const copy = { ...managed(id), expiresAt: store().now() + 50, inGrace: true as const };
    await store().copies.put(copy);
    await store().elapse(50);

    expect(await store().copies.get(id)).toBeNull();
    const reading = await store().copies.read(copy.digest, copy.realm);
    expect(reading).toStrictEqual({ state: 'hit', session: copy });
    await store().copies.put({ ...managed(id), version: 0 });
    expect(await store().copies.read(copy.digest, copy.realm)).toStrictEqual(reading);
  });

  it('leaves a session that has a record to the manager', async () => {
    const id = generateSessionId();
    const copy = managed(id);
    await store().copies.put(copy);

    await expectRefusal(store().copies.set(id, data(), 60), 'SESSION_MANAGED');
    await expectRefusal(store().copies.extend(id, 60), 'SESSION_MANAGED');
    const reading = await store().copies.read(copy.digest, copy.realm);
    expect(reading).toStrictEqual({ state: 'hit', session: copy });
  });

  it('takes what the adapter set for no copy, and lets a copy replace it', async () => {
    const id = generateSessionId();
    const copy = managed(id);
    await store().copies.set(id, data(), 60);
    expect(await store().copies.read(copy.digest, copy.realm)).toEqual({ state: 'miss' });
    expect(await store().copies.get(id)).not.toBeNull();

    await store().copies.put(copy);
    const reading = await store().copies.read(copy.digest, copy.realm);
    expect(reading).toStrictEqual({ state: 'hit', session: copy });
  });

  it('lets either port end a session for both', async () => {
    const [one, other] = [generateSessionId(), generateSessionId()];
    await store().copies.put(managed(one));
    await store().copies.set(other, data(), 60);
    await store().copies.delete(one);
    await store().copies.end([digestOf(other)], DEFAULT_REALM);

    const reading = await store().copies.read(digestOf(one), DEFAULT_REALM);
    expect(reading).toEqual({ state: 'tombstone' });
    expect(await store().copies.get(other)).toBeNull();
    await expectRefusal(store().copies.set(other, data(), 60), 'SESSION_REVOKED');
  });
}
