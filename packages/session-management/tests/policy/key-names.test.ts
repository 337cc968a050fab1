import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_PREFIX, keyNames, namesOf } from '../../src/policy/key-names.ts';
import { digestOf } from '../../src/policy/session-id.ts';

const DEPLOYMENT = { system: '7263', database: 'app', schema: 'sessions', era: 0 };
const names = keyNames(DEPLOYMENT);
const digest = digestOf('a session');
const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('names of keys', () => {
  it("of sessions are the document's", () => {
    expect(names.session('d')).toBe('session:d');
    expect(names.session('d', 'web')).toBe('session:d');
    expect(names.session('d', 'admin')).toBe('session:admin:d');
    expect(names.digestIn('session:d')).toBe('d');
    expect(names.digestIn('session:admin:d')).toBe('d');
  });

  it('of all else are ours, with the tag of the deployment', () => {
    const whole = createHash('sha256').update('["7263","app","sessions",0]').digest('base64url');
    const tag = whole.slice(0, 6);
    expect(names.tag).toBe(tag);
    expect(names.user(UUID)).toBe(`su:${tag}:AYkKXayWd0u8zrMCCZqAVw`);
    expect(names.user('ann@example.org')).toBe(`su:${tag}::ann@example.org`);
    expect(names.intents).toBe(`si:${tag}:ends`);
    expect(names.attempts('x')).toBe(`sl:${tag}:x`);
  });

  it.each(['su:tag:x', 'user:1', 'sessionx:d', 'x:session:d', 'session'])(
    'of others name no digest: %s',
    (key) => {
      expect(names.digestIn(key)).toBeNull();
    },
  );

  it('of two users are never alike', () => {
    const id = fc.oneof(
      fc.uuid(),
      fc.uuid().map((uuid) => uuid.toUpperCase()),
      fc.uuid().map((uuid) => `:${names.user(uuid).slice(names.users.length)}`),
      fc.uuid().map((uuid) => names.user(uuid).slice(names.users.length)),
      fc.string(),
    );
    fc.assert(
      fc.property(id, id, (one, other) => {
        expect(names.user(one) === names.user(other)).toBe(one === other);
      }),
    );
  });

  it.each([
    { system: '7264' },
    { system: null },
    { database: 'other' },
    { schema: 'other' },
    { era: 1 },
  ])('of another deployment share none but those of sessions, whose check differs: %j', (part) => {
    const others = keyNames({ ...DEPLOYMENT, ...part });
    expect(others.user(UUID)).not.toBe(names.user(UUID));
    expect(others.intents).not.toBe(names.intents);
    expect(others.attempts('x')).not.toBe(names.attempts('x'));
    expect(others.session(digest)).toBe(names.session(digest));
    expect(others.check(digest)).not.toBe(names.check(digest));
  });

  it('begin with the prefix, all of them; a key without it names nothing', () => {
    const prefixed = keyNames(DEPLOYMENT, 'shop:');
    const { attempts, intents, session, user } = prefixed;
    for (const key of [
      session('d'),
      session('d', 'admin'),
      user(UUID),
      user('x'),
      intents,
      attempts('x'),
    ]) {
      expect(key.startsWith('shop:s')).toBe(true);
    }
    expect(prefixed.digestIn('shop:session:d')).toBe('d');
    expect(prefixed.digestIn('session:d')).toBeNull();
  });

  it('have a check of 7 characters for each digest', () => {
    expect(names.check(digest)).toMatch(/^[\w-]{7}$/);
    expect(names.check(digest)).toBe(keyNames(DEPLOYMENT, 'shop:').check(digest));
    expect(names.check(digestOf('another'))).not.toBe(names.check(digest));
  });

  it('take a prefix that no pattern and no slot reads otherwise', () => {
    for (const good of ['', 'a', 'shop:', 'a-b_c.d:', 'x'.repeat(32)]) {
      expect(KEY_PREFIX.test(good)).toBe(true);
    }
    for (const bad of ['*', 'a?', '{a}', 'a b', '[x]', 'é', 'x'.repeat(33), 'a\n']) {
      expect(KEY_PREFIX.test(bad)).toBe(false);
    }
  });

  it('are none before the record has said which deployment this is: the fast store cannot be asked', () => {
    expect(() => namesOf({ current: () => null })).toThrow(
      expect.objectContaining({ code: 'STORE_UNAVAILABLE', store: 'redis', operation: 'names' }),
    );
  });
});
