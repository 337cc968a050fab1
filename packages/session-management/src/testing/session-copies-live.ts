import { generateSessionId } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import { DEFAULT_REALM } from '../policy/limits.ts';
import { digestOf } from '../policy/session-id.ts';
import type { SessionCopy } from '../types/index.ts';
import { newHandle } from '../utils/random.ts';
import type { CopiesStage } from './copies-stage.ts';
import { sessionCopy } from './samples.ts';

export function liveCopies(store: CopiesStage): void {
  const readBack = (copy: SessionCopy) => store().copies.read(copy.digest, copy.realm);

  it('gives back what was put', async () => {
    const copy = sessionCopy(store().now());
    const bare = sessionCopy(store().now(), { userAgent: null, ip: '' });
    await store().copies.put(copy);
    await store().copies.add(bare);

    expect(await readBack(copy)).toStrictEqual({ state: 'hit', session: copy });
    expect(await readBack(bare)).toStrictEqual({ state: 'hit', session: bare });
  });

  it('misses what was never put', async () => {
    expect(await readBack(sessionCopy(store().now()))).toEqual({ state: 'miss' });
  });

  it('keeps realms apart', async () => {
    const copy = sessionCopy(store().now(), { realm: 'admin' });
    await store().copies.put(copy);

    expect(await readBack(copy)).toStrictEqual({ state: 'hit', session: copy });
    expect(await store().copies.read(copy.digest, DEFAULT_REALM)).toEqual({ state: 'miss' });
    expect(await store().copies.read(copy.digest, 'mobile')).toEqual({ state: 'miss' });
  });

  it('keeps the newest, in whatever order copies come', async () => {
    const first = sessionCopy(store().now());
    const later = { ...first, confirmedAt: first.confirmedAt + 1 };
    const newer = { ...first, version: 2, confirmedAt: first.confirmedAt - 500, userVersion: 2 };
    for (const order of permutationsOf([first, later, newer])) {
      const digest = digestOf(generateSessionId());
      for (const copy of order) await store().copies.put({ ...copy, digest });
      const session = { ...newer, digest };
      expect(await store().copies.read(digest, first.realm)).toStrictEqual({
        state: 'hit',
        session,
      });
    }
  });

  it('lets the later or equal confirmation of one version win', async () => {
    const first = sessionCopy(store().now());
    const equal = { ...first, ip: '198.51.100.1' };
    const earlier = { ...first, confirmedAt: first.confirmedAt - 1, ip: '198.51.100.2' };
    await store().copies.put(first);
    await store().copies.put(equal);
    await store().copies.put(earlier);

    expect(await readBack(first)).toStrictEqual({ state: 'hit', session: equal });
  });

  it('takes a lower version that was confirmed well after the other: the record has lost that', async () => {
    const copy = sessionCopy(store().now(), { version: 2 });
    const lost = { ...copy, version: 1, confirmedAt: copy.confirmedAt + 4_000 };
    await store().copies.put(copy);
    await store().copies.put({ ...lost, confirmedAt: copy.confirmedAt + 2_000 });
    expect(await readBack(copy)).toStrictEqual({ state: 'hit', session: copy });

    await store().copies.put(lost);
    expect(await readBack(copy)).toStrictEqual({ state: 'hit', session: lost });
  });

  it('takes what is dated now in the place of what is dated in the future', async () => {
    const copy = sessionCopy(store().now(), { expiresAt: store().now() + 120_000 });
    await store().copies.put({ ...copy, confirmedAt: copy.confirmedAt + 60_000, version: 2 });
    await store().copies.put(copy);

    expect(await readBack(copy)).toStrictEqual({ state: 'hit', session: copy });
  });

  it('adds nothing in the place of what is newer', async () => {
    const copy = sessionCopy(store().now());
    await store().copies.put({ ...copy, version: 2 });
    await store().copies.add(copy);
    expect(await readBack(copy)).toStrictEqual({ state: 'hit', session: { ...copy, version: 2 } });

    await store().copies.add({ ...copy, version: 3 });
    expect(await readBack(copy)).toStrictEqual({ state: 'hit', session: { ...copy, version: 3 } });
  });

  it('gives back what is said beside the five fields, whatever of it there is', async () => {
    const now = store().now();
    const given = [
      { actor: { userId: 'root', handle: newHandle() } },
      { handle: 'no uuid', actor: { userId: newHandle(), handle: 'é ~ .' } },
      { inGrace: true as const },
      { rotationDue: true as const, lastLoginAt: null },
      { lastLoginAt: now - 86_400_000, authenticatedAt: now, userVersion: 2 ** 53 - 1 },
    ];
    for (const each of given) {
      const copy = sessionCopy(now, each);
      await store().copies.put(copy);
      expect(await readBack(copy)).toStrictEqual({ state: 'hit', session: copy });
    }
  });

  it('replaces only what is there', async () => {
    const copy = sessionCopy(store().now());
    const newer = { ...copy, version: 2, expiresAt: copy.expiresAt + 60_000 };
    await store().copies.replace(newer);
    expect(await readBack(copy)).toEqual({ state: 'miss' });

    await store().copies.put(copy);
    await store().copies.replace(newer);
    await store().copies.replace(copy);
    expect(await readBack(copy)).toStrictEqual({ state: 'hit', session: newer });
  });

  it('forgets a copy when nothing of the session is left', async () => {
    const copy = sessionCopy(store().now(), { expiresAt: store().now() + 500 });
    await store().copies.put(copy);
    await store().elapse(500);

    expect(await readBack(copy)).toEqual({ state: 'miss' });
  });

  it('writes nothing when nothing was left at the confirmation', async () => {
    const now = store().now();
    const copy = sessionCopy(now, { expiresAt: now });
    await store().copies.put(copy);

    expect(await readBack(copy)).toEqual({ state: 'miss' });
  });

  it('tells its own instant', async () => {
    expect(Math.abs((await store().copies.now()) - store().now())).toBeLessThan(1_000);
  });
}

function permutationsOf<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, at) =>
    permutationsOf(items.toSpliced(at, 1)).map((rest) => [item, ...rest]),
  );
}
