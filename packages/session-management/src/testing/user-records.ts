import { generateSessionId } from '@repo/exchange-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../policy/session-id.ts';
import type { UserRecords } from '../types/index.ts';
import type { SessionRecordsHarness } from './records-stage.ts';
import {
  expectNoSecrets,
  expectRefusal,
  HASH,
  newSession,
  newUser,
  OTHER_HASH,
} from './samples.ts';
import { describeUserRepository } from './user-repository.ts';

/** The promises that every {@link UserRecords} makes, those of a {@link UserRepository} included. */
export function describeUserRecords(
  name: string,
  open: () => Promise<SessionRecordsHarness>,
): void {
  describeUserRepository(name, open);

  describe(`${name} keeps the UserRecords promises`, () => {
    let store: SessionRecordsHarness;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    describe('changes', () => changes(() => store));
    describe('rehashing', () => rehashing(() => store));
    describe('snapshots', () => snapshots(() => store));
    describe('pages', () => pages(() => store.users));
  });
}

type Store = () => SessionRecordsHarness;

function changes(store: Store): void {
  const stateOf = async (digest: string) =>
    (await store().records.read([digest])).get(digest)?.state;

  it('tells the copies of a new role by a higher version', async () => {
    const { id } = await store().users.create(newUser());
    const before = await store().users.change(id, {});
    const after = await store().users.change(id, { role: 'ADMIN' });

    expect(after?.copy.version).toBeGreaterThan(before?.copy.version ?? 0);
    expect(after?.copy.user.role).toBe('ADMIN');
    expectNoSecrets(after, [HASH]);
  });

  it('changes nobody who does not exist', async () => {
    expect(await store().users.change('no-such-user', { role: 'ADMIN' })).toBeNull();
  });

  it('ends all sessions when the hash changes', async () => {
    const { id } = await store().users.create(newUser());
    const { session, user } = await store().records.create(newSession(id));
    const change = await store().users.change(id, { hashedPassword: OTHER_HASH });

    expect(change?.copy.version).toBeGreaterThan(user.version);
    expect(change?.kept).toEqual([]);
    expect(await stateOf(session.digest)).toBe('revoked');
  });

  it("keeps the one session that is named, beside the user's new version", async () => {
    const { id } = await store().users.create(newUser());
    const kept = await store().records.create(newSession(id));
    const other = await store().records.create(newSession(id));
    const options = { keepHandle: kept.session.handle };
    const change = await store().users.change(id, { hashedPassword: OTHER_HASH }, options);

    expect(change?.kept.map(({ session }) => session.handle)).toEqual([kept.session.handle]);
    expect(change?.kept[0]?.session.userVersion).toBe(change?.copy.version);
    expect(change?.kept[0]?.session.expiresAt).toBe(kept.session.expiresAt);
    expect(await stateOf(kept.session.digest)).toBe('live');
    expect(await stateOf(other.session.digest)).toBe('revoked');
  });

  it('changes nothing where the password that was verified is not the present one', async () => {
    const { id } = await store().users.create(newUser());
    const { session } = await store().records.create(newSession(id));
    const change = (hashedPassword: string, provedBy: string) =>
      store().users.change(id, { hashedPassword, isVerified: true }, { provedBy });

    await expectRefusal(change('third', OTHER_HASH), 'PROOF_OUTDATED');
    expect(await store().users.findById(id)).toMatchObject({
      hashedPassword: HASH,
      isVerified: false,
    });
    expect(await stateOf(session.digest)).toBe('live');
    expect((await change(OTHER_HASH, HASH))?.user.isVerified).toBe(true);
    await expectRefusal(change('third', HASH), 'PROOF_OUTDATED');
  });

  it('lets one of two new passwords through that were proved by the same one', async () => {
    const { id } = await store().users.create(newUser());
    const changes = await Promise.allSettled(
      ['one', 'two'].map((hashedPassword) =>
        store().users.change(id, { hashedPassword }, { provedBy: HASH }),
      ),
    );
    expect(changes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it("keeps no ended session, and no other user's", async () => {
    const { id } = await store().users.create(newUser());
    const stranger = await store().users.create(newUser());
    const ended = await store().records.create(newSession(id));
    const foreign = await store().records.create(newSession(stranger.id));
    await store().records.endByDigest(ended.session.digest, 'signed-out');

    for (const { session } of [ended, foreign]) {
      const options = { keepHandle: session.handle };
      const hashedPassword = `${OTHER_HASH}${session.handle}`;
      const change = await store().users.change(id, { hashedPassword }, options);
      expect(change?.kept).toEqual([]);
    }
    expect(await stateOf(ended.session.digest)).toBe('revoked');
    expect(await stateOf(foreign.session.digest)).toBe('live');
  });

  it('ends none when the hash stays, is rewritten as it is, or another field changes', async () => {
    const { id } = await store().users.create(newUser());
    const { session } = await store().records.create(newSession(id));
    await store().users.change(id, { hashedPassword: HASH, lastLoginAt: new Date() });
    await store().users.change(id, { role: 'ADMIN', isVerified: true });

    expect(await stateOf(session.digest)).toBe('live');
  });

  it('names the session that a cleared sessionId ended', async () => {
    const { id } = await store().users.create(newUser());
    const sessionId = generateSessionId();
    const written = await store().users.change(id, { sessionId });
    const cleared = await store().users.change(id, { sessionId: undefined });
    const again = await store().users.change(id, { sessionId: undefined });

    expect(written?.endedDigests).toEqual([]);
    expect(cleared?.endedDigests).toEqual([digestOf(sessionId)]);
    expect(again?.endedDigests).toEqual([]);
  });
}

function rehashing(store: Store): void {
  it('replaces the hash it was told and ends no session', async () => {
    const { id } = await store().users.create(newUser());
    const { session } = await store().records.create(newSession(id));

    expect(await store().users.rehashPassword(id, HASH, OTHER_HASH)).toBe(true);
    expect((await store().users.findById(id))?.hashedPassword).toBe(OTHER_HASH);
    const answers = await store().records.read([session.digest]);
    expect(answers.get(session.digest)?.state).toBe('live');
  });

  it('replaces no other hash, and nobody’s', async () => {
    const { id } = await store().users.create(newUser());

    expect(await store().users.rehashPassword(id, OTHER_HASH, 'new')).toBe(false);
    expect(await store().users.rehashPassword('no-such-user', HASH, OTHER_HASH)).toBe(false);
    expect((await store().users.findById(id))?.hashedPassword).toBe(HASH);
  });
}

function snapshots(store: Store): void {
  it('give the user as the last change left it, without secrets', async () => {
    const { id } = await store().users.create(newUser());
    const change = await store().users.change(id, { role: 'ADMIN' });
    const { copy } = await store().users.snapshot(id);

    expect(copy).toEqual(change?.copy);
    expectNoSecrets(copy, [HASH]);
  });

  it('give a version above every copy of a deleted user', async () => {
    const { id } = await store().users.create(newUser());
    const change = await store().users.change(id, { role: 'ADMIN' });
    await store().removeUser(id);
    const gone = await store().users.snapshot(id);

    expect(gone).toEqual({ copy: null, version: expect.any(Number) });
    expect(gone.copy === null && gone.version).toBeGreaterThan(change?.copy.version ?? Number.NaN);
  });

  it('know nobody who never was', async () => {
    expect(await store().users.snapshot('no-such-user')).toMatchObject({ copy: null });
    expect(await store().users.snapshot('nul\0')).toMatchObject({ copy: null });
  });
}

function pages(users: () => UserRecords): void {
  it('gives every user once, by id, without secrets', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => users().create(newUser())));
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await users().page(after, 2);
      expect(page.length).toBeLessThanOrEqual(2);
      expectNoSecrets(page, [HASH]);
      seen.push(...page.map(({ id }) => id));
      after = page.at(-1)?.id ?? null;
      if (after === null) break;
    }

    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
    expect(await users().count()).toBe(seen.length);
  });
}
