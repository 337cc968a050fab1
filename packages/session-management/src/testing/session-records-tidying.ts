import { expect, it } from 'vitest';
import { DEFAULT_REALM } from '../policy/limits.ts';
import type { RecordsStage } from './records-stage.ts';

export function tidying({ harness, open, records, stateOf, userId }: RecordsStage): void {
  it('lists live sessions of the realm, newest first', async () => {
    const first = await open();
    await harness().elapse(5);
    const second = await open();
    await open({ realm: 'admin' });
    const ended = await open();
    await records().endByDigest(ended.session.digest, 'signed-out');
    await open({ ttlMs: 1_000 });
    await harness().elapse(1_000);

    const listed = await records().list(userId(), DEFAULT_REALM);
    expect(listed.map(({ handle }) => handle)).toEqual([
      second.session.handle,
      first.session.handle,
    ]);
    expect(listed[1]?.lastSeenAt).toBe(first.session.createdAt);
  });

  it('counts the live sessions of a realm, as far as it is told to', async () => {
    const realm = 'counted';
    const [first] = await Promise.all([open({ realm }), open({ realm }), open({ realm })]);
    await records().endByDigest(first.session.digest, 'signed-out');
    await open({ realm, ttlMs: 1_000 });
    await harness().elapse(1_000);

    expect(await records().count(realm, 10)).toBe(2);
    expect(await records().count(realm, 1)).toBe(1);
    expect(await records().count('no-such-realm', 10)).toBe(0);
  });

  it('moves lastSeenAt forward at most once per interval, where the session lives', async () => {
    const { session } = await open();
    const seen = async () => (await records().list(userId(), DEFAULT_REALM))[0]?.lastSeenAt ?? 0;
    await harness().elapse(20);
    await records().touch([session.handle, 'not-a-handle'], 60_000);
    expect(await seen()).toBe(session.createdAt);

    await records().touch([session.handle], 10);
    expect(await seen()).toBeGreaterThanOrEqual(session.createdAt + 20);
  });

  it('deletes what ended long enough ago, in batches, and nothing that lives', async () => {
    const { session } = await open();
    const ended = await Promise.all([open(), open(), open({ ttlMs: 1_000 })]);
    await records().endByDigest(ended[0].session.digest, 'signed-out');
    await records().endByDigest(ended[1].session.digest, 'signed-out');
    await harness().elapse(1_100);

    expect(await records().deleteEnded(10, 60_000)).toBe(0);
    expect(await records().deleteEnded(2, 50)).toBe(2);
    expect(await records().deleteEnded(2, 50)).toBe(1);
    expect(await stateOf(session.digest)).toBe('live');
  });
}
