import { expect, it } from 'vitest';
import { DEFAULT_REALM } from '../policy/limits.ts';
import type { NewSession } from '../types/index.ts';
import type { RecordsStage } from './records-stage.ts';
import { expectRefusal, HASH, newSession, newUser, OTHER_HASH } from './samples.ts';

export function opening({ harness, open, records, stateOf, userId }: RecordsStage): void {
  it('opens a session as it was asked for', async () => {
    const asked = newSession(userId(), { realm: 'admin', ip: '2001:db8::1', userAgent: null });
    const { session, user } = await records().create(asked);
    const {
      absoluteMs,
      limit: _limit,
      provedBy: _hash,
      termsOfRole: _terms,
      ttlMs,
      ...given
    } = asked;

    expect(session).toMatchObject({ ...given, createdAt: session.authenticatedAt });
    expect(session.expiresAt - session.createdAt).toBe(ttlMs);
    expect(session.absoluteExpiresAt - session.createdAt).toBe(absoluteMs);
    expect(session.userVersion).toBe(user.version);
    expect(user.user.id).toBe(userId());
  });

  it('opens together only what was asked for, as it was asked for, and each but once', async () => {
    await open();
    const asked = [newSession(userId()), newSession(userId(), { ip: '2001:db8::1' })];
    const outdated = newSession(userId(), { provedBy: OTHER_HASH });
    const nobody = newSession('nobody');
    const all = [...asked, outdated, nobody];

    const opened = await records().createMany(all);
    for (const [digest, { session, user }] of opened) {
      const given = asked.find((each) => each.digest === digest);
      expect(session).toMatchObject({ handle: given?.handle, ip: given?.ip, realm: given?.realm });
      expect(session.expiresAt - session.createdAt).toBe(given?.ttlMs);
      expect(session.userVersion).toBe(user.version);
      expect(await stateOf(digest)).toBe('live');
    }
    for (const { digest } of all) {
      if (!opened.has(digest)) expect(await stateOf(digest)).toBe('unknown');
    }
    expect((await records().createMany(all)).size).toBe(0);
    expect(opened.has(outdated.digest) || opened.has(nobody.digest)).toBe(false);
  });

  it('opens nothing where the password that was verified is not the present one', async () => {
    const { users } = harness();
    const { id } = await users.create(newUser());
    const proved = newSession(id, { provedBy: HASH });
    const open = (given: NewSession) => records().create(given);

    await expect(open(proved)).resolves.toMatchObject({ session: { digest: proved.digest } });
    await users.change(id, { hashedPassword: OTHER_HASH });
    const late = newSession(id, { provedBy: HASH });
    await expectRefusal(open(late), 'PROOF_OUTDATED');
    expect(await stateOf(late.digest)).toBe('unknown');
    await open(newSession(id, { provedBy: OTHER_HASH }));

    await users.change(id, { hashedPassword: null });
    await expectRefusal(open(newSession(id, { provedBy: OTHER_HASH })), 'PROOF_OUTDATED');
  });

  it('ends nothing for a log-in whose proof is outdated', async () => {
    const { users } = harness();
    const { id } = await users.create(newUser());
    const limit = { most: 1, rule: 'end-oldest' } as const;
    const { session } = await records().create(newSession(id, { limit }));

    const late = newSession(id, { limit, provedBy: OTHER_HASH });
    await expectRefusal(records().create(late), 'PROOF_OUTDATED');
    expect(await stateOf(session.digest)).toBe('live');
  });

  it('never lets a session live past its absolute limit', async () => {
    const { session } = await open({ ttlMs: 9_000, absoluteMs: 5_000 });

    expect(session.expiresAt).toBe(session.absoluteExpiresAt);
  });

  it("opens a session by the terms of its user's role, where there are any", async () => {
    const limit = { most: 1, rule: 'reject-new' } as const;
    const own = { ttlMs: 5_000, absoluteMs: 8_000, limit: null };
    for (let n = 0; n < 2; n += 1) {
      const { session } = await open({ limit, termsOfRole: { USER: own } });
      expect(session.expiresAt - session.createdAt).toBe(5_000);
      expect(session.absoluteExpiresAt - session.createdAt).toBe(8_000);
    }
    const only = { USER: { ...own, limit } };
    await expectRefusal(open({ termsOfRole: only }), 'SESSION_LIMIT_REACHED');

    const { session } = await open({ termsOfRole: { ADMIN: own } });
    expect(session.expiresAt - session.createdAt).toBe(60_000);
  });

  it('answers for each digest in one call', async () => {
    const one = await open();
    const other = await open();
    const answers = await records().read([one.session.digest, 'unheard-of', other.session.digest]);

    expect(answers.get('unheard-of')).toEqual({ state: 'unknown' });
    expect(answers.get(one.session.digest)).toMatchObject({
      state: 'live',
      live: { session: { handle: one.session.handle }, user: { user: { id: userId() } } },
    });
    expect(answers.get(other.session.digest)?.state).toBe('live');
  });

  it('hands out no secret of the user', async () => {
    const { user } = await open();

    expect(user.user).not.toHaveProperty('hashedPassword');
    expect(user.user).not.toHaveProperty('sessionId');
  });

  it('opens one session when told twice', async () => {
    const asked = newSession(userId());
    const [first, second] = await Promise.all([records().create(asked), records().create(asked)]);

    expect(second.session.handle).toBe(first.session.handle);
    expect(await records().list(userId(), DEFAULT_REALM)).toHaveLength(1);
  });

  it('opens none for a user who does not exist', async () => {
    const asked = newSession('no-such-user');
    await expectRefusal(records().create(asked), 'USER_NOT_FOUND');

    expect(await stateOf(asked.digest)).toBe('unknown');
  });

  it('counts the exact end of the session as expired', async () => {
    const { session } = await open({ ttlMs: 1_000 });
    await harness().elapse(1_000);

    expect(await stateOf(session.digest)).toBe('expired');
  });

  it('forgets the sessions of a user who is deleted', async () => {
    const { session } = await open();
    await harness().removeUser(userId());

    expect(await stateOf(session.digest)).toBe('unknown');
    expect(await records().list(userId(), DEFAULT_REALM)).toEqual([]);
  });

  it('tells its own instant', async () => {
    const before = await records().ping();
    const { session } = await open();

    expect(session.confirmedAt).toBeGreaterThanOrEqual(Math.floor(before));
    expect(session.confirmedAt).toBeLessThan(before + 20_000);
  });
}

export function confirmingIdentity({ harness, open, records, stateOf }: RecordsStage): void {
  it('moves the instant of the proof of a live session, raises its version and no other', async () => {
    const [{ session }, other] = [await open(), await open()];
    await harness().elapse(5);
    const marked = await records().confirmIdentity(session.digest);

    expect(marked?.session.authenticatedAt).toBeGreaterThan(session.authenticatedAt);
    expect(marked?.session.version).toBeGreaterThan(session.version);
    expect(marked?.session.expiresAt).toBe(session.expiresAt);
    const answer = (await records().read([other.session.digest])).get(other.session.digest);
    expect(answer).toMatchObject({ live: { session: { version: other.session.version } } });
  });

  it('answers null for what does not live', async () => {
    const { session } = await open();
    await records().endByDigest(session.digest, 'signed-out');

    expect(await records().confirmIdentity(session.digest)).toBeNull();
    expect(await records().confirmIdentity('unheard-of')).toBeNull();
    expect(await stateOf(session.digest)).toBe('revoked');
  });
}

export function extending({ harness, open, records, stateOf, userId }: RecordsStage): void {
  it('sets the end to now + ttl; forward, the version stays, since no copy is wrong by it', async () => {
    const { session } = await open({ ttlMs: 1_000 });
    const extended = await records().extend(session.digest, 60_000);
    await harness().elapse(1_000);

    expect(extended?.session.expiresAt).toBeGreaterThan(session.expiresAt);
    expect(extended?.session.version).toBe(session.version);
    expect(await stateOf(session.digest)).toBe('live');
  });

  it('may shorten', async () => {
    const { session } = await open();
    const shortened = await records().extend(session.digest, 1_000);
    await harness().elapse(1_000);

    expect(shortened?.session.version).toBeGreaterThan(session.version);
    expect(await stateOf(session.digest)).toBe('expired');
  });

  it("goes by the ttl of the user's role, where there is one", async () => {
    const [{ session }, other] = [await open(), await open()];
    const own = await records().extend(session.digest, 600_000, { USER: 5_000, ADMIN: 9_000 });
    const all = await records().extend(other.session.digest, 600_000, { ADMIN: 9_000 });

    expect(own?.session.expiresAt).toBeLessThan((own?.session.confirmedAt ?? 0) + 5_002);
    expect(all?.session.expiresAt).toBeGreaterThan((all?.session.confirmedAt ?? 0) + 599_000);
  });

  it('stops at the absolute limit', async () => {
    const { session } = await open({ absoluteMs: 90_000 });
    const extended = await records().extend(session.digest, 3_600_000);

    expect(extended?.session.expiresAt).toBe(session.absoluteExpiresAt);
    expect(extended?.session.absoluteExpiresAt).toBe(session.absoluteExpiresAt);
  });

  it('creates nothing and revives nothing', async () => {
    const revoked = await open();
    const expired = await open({ ttlMs: 1_000 });
    await records().endByDigest(revoked.session.digest, 'signed-out');
    await harness().elapse(1_000);

    for (const digest of [revoked.session.digest, expired.session.digest, 'unheard-of']) {
      expect(await records().extend(digest, 60_000)).toBeNull();
      expect(await stateOf(digest)).not.toBe('live');
    }
    expect(await records().list(userId(), DEFAULT_REALM)).toEqual([]);
  });
}
