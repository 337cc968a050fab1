import { expect, it } from 'vitest';
import { DEFAULT_REALM } from '../policy/limits.ts';
import type { CopiesStage } from './copies-stage.ts';
import { sessionCopy } from './samples.ts';

export function tombstones(store: CopiesStage): void {
  it('replace anything and stay', async () => {
    const copy = sessionCopy(store().now());
    const newer = { ...copy, version: 99, confirmedAt: copy.confirmedAt + 1_000 };
    await store().copies.put(copy);
    await store().copies.end([copy.digest], copy.realm);
    await store().copies.put(newer);
    await store().copies.replace(newer);

    expect(await store().copies.read(copy.digest, copy.realm)).toEqual({ state: 'tombstone' });
  });

  it('are put where nothing was, for many at once, again and again', async () => {
    const copies = Array.from({ length: 50 }, () => sessionCopy(store().now()));
    const digests = copies.map(({ digest }) => digest);
    await store().copies.end(digests, DEFAULT_REALM);
    await store().copies.end(digests, DEFAULT_REALM);
    await Promise.all(copies.map((copy) => store().copies.put(copy)));

    const readings = await Promise.all(
      digests.map((digest) => store().copies.read(digest, DEFAULT_REALM)),
    );
    expect(new Set(readings.map(({ state }) => state))).toEqual(new Set(['tombstone']));
  });

  it('outlive the session that they end', async () => {
    const copy = sessionCopy(store().now(), { expiresAt: store().now() + 500 });
    await store().copies.put(copy);
    await store().copies.end([copy.digest], copy.realm);
    await store().elapse(500);

    expect(await store().copies.read(copy.digest, copy.realm)).toEqual({ state: 'tombstone' });
  });

  it('end a session of their own realm only', async () => {
    const copy = sessionCopy(store().now(), { realm: 'admin' });
    await store().copies.put(copy);
    await store().copies.end([copy.digest], DEFAULT_REALM);

    const reading = await store().copies.read(copy.digest, 'admin');
    expect(reading.state).toBe('hit');
  });

  it('may be asked for none', async () => {
    await expect(store().copies.end([], DEFAULT_REALM)).resolves.toBeUndefined();
  });
}
