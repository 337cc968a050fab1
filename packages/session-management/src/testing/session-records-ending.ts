import { expect, it } from 'vitest';
import { DEFAULT_REALM } from '../policy/limits.ts';
import type { RecordsStage } from './records-stage.ts';
import { newSession, newUser } from './samples.ts';

export function endingOne({ harness, open, records, stateOf, userId }: RecordsStage): void {
  it('ends by digest, and is done when it is already ended or absent', async () => {
    const { session } = await open();
    const ended = await records().endByDigest(session.digest, 'signed-out');

    expect(ended.digests).toContain(session.digest);
    expect(await stateOf(session.digest)).toBe('revoked');
    await expect(records().endByDigest(session.digest, 'signed-out')).resolves.toBeDefined();
    await expect(records().endByDigest('unheard-of', 'signed-out')).resolves.toBeDefined();
  });

  it('ends by handle what is live, of this user and of this realm', async () => {
    const { session } = await open();
    const other = await harness().users.create(newUser());
    const end = (id: string, realm: string) =>
      records().endByHandle(id, realm, session.handle, 'revoked');

    expect((await end(other.id, DEFAULT_REALM)).digests).toEqual([]);
    expect((await end(userId(), 'admin')).digests).toEqual([]);
    expect(await stateOf(session.digest)).toBe('live');
    expect(await end(userId(), DEFAULT_REALM)).toEqual({
      count: 1,
      digests: [session.digest],
      ended: [{ userId: userId(), realm: DEFAULT_REALM, handle: session.handle }],
    });
    expect(await stateOf(session.digest)).toBe('revoked');
    expect((await end(userId(), DEFAULT_REALM)).digests).toEqual([]);
  });

  it('names what it ended to one of many that end it at once', async () => {
    const { session } = await open();
    const { handle, realm } = session;
    const all = await Promise.all([
      records().endByDigest(session.digest, 'signed-out'),
      records().endByHandle(userId(), realm, handle, 'revoked'),
      records().endByDigest(session.digest, 'signed-out'),
    ]);

    expect(all.flatMap(({ ended }) => ended)).toEqual([{ userId: userId(), realm, handle }]);
  });

  it('names the session that has expired', async () => {
    const { session } = await open({ ttlMs: 1 });
    await harness().elapse(1_000);
    const { digest, handle, realm } = session;

    const answer = (await records().read([digest])).get(digest);
    expect(answer).toMatchObject({
      state: 'expired',
      session: { userId: userId(), realm, handle },
    });
  });

  it('takes nonsense for a handle as nobody', async () => {
    const nonsense = await records().endByHandle(
      userId(),
      DEFAULT_REALM,
      'not-a-handle',
      'revoked',
    );

    expect(nonsense).toEqual({ count: 0, digests: [], ended: [] });
  });

  it('opens nothing again under an ended digest', async () => {
    const asked = newSession(userId());
    await records().create(asked);
    await records().endByDigest(asked.digest, 'signed-out');
    await expect(records().create(asked)).rejects.toThrow();

    expect(await stateOf(asked.digest)).toBe('revoked');
  });
}

export function endingMany({ harness, open, records, stateOf, userId }: RecordsStage): void {
  it('ends the others of this realm and keeps one', async () => {
    const kept = await open();
    const elsewhere = await open({ realm: 'admin' });
    const others = [await open(), await open()];
    const { handle } = kept.session;
    const ended = await records().endOthers(userId(), DEFAULT_REALM, handle, 'revoked-others');

    expect(ended.count).toBe(2);
    expect(ended.user?.version).toBeGreaterThan(kept.user.version);
    expect(await stateOf(kept.session.digest)).toBe('live');
    expect(await stateOf(elsewhere.session.digest)).toBe('live');
    for (const { session } of others) expect(await stateOf(session.digest)).toBe('revoked');
    expect(await stateOf((await open()).session.digest)).toBe('live');
  });

  it('ends the others again and again, also beside all of the user', async () => {
    const { digest, handle } = (await open()).session;
    const others = () => records().endOthers(userId(), DEFAULT_REALM, handle, 'revoked-others');
    expect((await others()).count).toBe(0);
    const second = await open();
    expect((await others()).count).toBe(1);
    expect(await stateOf(digest)).toBe('live');
    expect(await stateOf(second.session.digest)).toBe('revoked');

    expect((await records().endAll(userId(), 'revoked-all')).count).toBe(1);
    expect(await stateOf(digest)).toBe('revoked');
    expect((await others()).count).toBe(0);
    expect(await stateOf(digest)).toBe('revoked');
  });

  it('ends the others of a realm that never had a floor, and all of it where none is kept', async () => {
    const { session } = await open({ realm: 'never-seen' });
    const ended = await records().endOthers(userId(), 'never-seen', 'nobody', 'revoked-others');

    expect(ended.count).toBe(1);
    expect(await stateOf(session.digest)).toBe('revoked');
  });

  it('ends all in every realm', async () => {
    const before = await open();
    const elsewhere = await open({ realm: 'admin' });
    const ended = await records().endAll(userId(), 'revoked-all');
    const after = await open();

    expect(ended.count).toBe(2);
    expect(ended.user?.version).toBeGreaterThan(before.user.version);
    expect(await stateOf(before.session.digest)).toBe('revoked');
    expect(await stateOf(elsewhere.session.digest)).toBe('revoked');
    expect(await stateOf(after.session.digest)).toBe('live');
  });

  it('ends nothing of other users, and nothing of nobody', async () => {
    const { session } = await open();
    const other = await harness().users.create(newUser());

    expect((await records().endAll(other.id, 'revoked-all')).count).toBe(0);
    expect(await records().endAll('no-such-user', 'revoked-all')).toEqual({ count: 0, user: null });
    expect(await stateOf(session.digest)).toBe('live');
  });

  it('puts a log-in that races with "all" on one side of it', async () => {
    const asked = Array.from({ length: 10 }, () => newSession(userId()));
    const logIns = asked.map((session) => records().create(session));
    const ended = await records().endAll(userId(), 'revoked-all');
    const opened = await Promise.all(logIns);

    for (const { session } of opened) {
      const survives = session.userVersion >= (ended.user?.version ?? 0);
      expect(await stateOf(session.digest)).toBe(survives ? 'live' : 'revoked');
    }
  });
}
