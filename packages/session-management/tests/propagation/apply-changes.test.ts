import { beforeEach, describe, expect, it } from 'vitest';
import { ALONE, namesOf } from '../../src/policy/key-names.ts';
import { type ApplyParts, applyChanges } from '../../src/propagation/apply-changes.ts';
import { expectRefusal, sessionCopy, userCopy } from '../../src/testing/samples.ts';
import {
  type OutboxRow,
  type RecordAnswer,
  SessionStoreUnavailableError,
  type UserCopy,
} from '../../src/types/index.ts';

const { session: sessionKey, user: userKey } = namesOf(ALONE);
const NOW = Date.UTC(2026, 0, 1);
const user = userCopy(NOW, { version: 9 });
const session = sessionCopy(NOW, { digest: 'lives', version: 4 });
const graced = sessionCopy(NOW, { digest: 'graced', inGrace: true });

let owners: Map<string, string>;
/** What each command was, by its key; a key of `silent` masters is not written. */
let written: string[];
let silent: Set<string>;
let learnt: string[];
/** Runs when a key has been written. */
let behind: (key: string) => void;
let parts: ApplyParts;

beforeEach(() => {
  [owners, silent] = [new Map(), new Set()];
  [written, learnt] = [[], []];
  behind = () => undefined;
  const ownerOf = (key: string) => owners.get(key) ?? 'A';
  const write = async (verb: string, key: string): Promise<void> => {
    if (silent.has(ownerOf(key))) throw new SessionStoreUnavailableError('redis', 'test');
    written.push(`${verb} ${key}`);
    behind(key);
  };
  const answers = new Map<string, RecordAnswer>(
    [session, graced].map((copy) => [
      copy.digest,
      { state: 'live', live: { session: copy, user } },
    ]),
  );
  const users = new Map<string, UserCopy>([[user.user.id, user]]);
  parts = {
    records: {
      read: async (digests) =>
        new Map(digests.map((digest) => [digest, answers.get(digest) ?? { state: 'unknown' }])),
    },
    users: { snapshot: async (id) => ({ copy: users.get(id) ?? null, version: 12 }) },
    sessionCopies: {
      read: async () => ({ state: 'miss' }),
      put: (copy) => write('put', sessionKey(copy.digest, copy.realm)),
      add: (copy) => write('add', sessionKey(copy.digest, copy.realm)),
      replace: (copy) => write('replace', sessionKey(copy.digest, copy.realm)),
      end: async (digests, realm) => {
        for (const digest of digests) await write('end', sessionKey(digest, realm));
      },
      block: async () => undefined,
      now: async () => NOW,
    },
    userCopies: {
      read: async () => null,
      put: (copy) => write(`put ${copy.version}`, userKey(copy.user.id)),
      fill: (copy) => write(`fill ${copy.version}`, userKey(copy.user.id)),
      end: (id, version) => write(`end ${version}`, userKey(id)),
    },
    names: ALONE,
    masters: { ownerOf: (key) => (ownerOf(key) === 'nobody' ? null : ownerOf(key)) },
    learn: {
      sessionEnded: (digest) => void learnt.push(`ended ${digest}`),
      sessionChanged: (digest, version) => void learnt.push(`changed ${digest} ${version}`),
      userChanged: (copy) => void learnt.push(`user ${copy.version}`),
    },
  };
});

let id = 0;
const row = (kind: OutboxRow['kind'], key: string, realm = 'web'): OutboxRow => ({
  ...{ xact: '7', id: String(++id), kind, key, isEnd: false, ageMs: 0 },
  realm: kind === 'user' ? null : realm,
});
const apply = async (...rows: OutboxRow[]) =>
  (await applyChanges(parts, rows)).map(({ key, master }) => `${key} ${master}`);

describe('what a row names is brought to its present state', () => {
  it.each([
    ['one that lives, where a copy is', 'lives', 'web', 'replace', 'changed lives 4'],
    ['one in its grace, also where none is', 'graced', 'web', 'put', 'changed graced 1'],
    ['one that the record does not have', 'gone', 'web', 'end', 'ended gone'],
    ['one of another realm', 'gone', 'admin', 'end', 'ended gone'],
  ])('a session: %s', async (_what, key, realm, verb, lesson) => {
    expect(await apply(row('session', key, realm))).toEqual([`${key} A`]);
    expect(written).toEqual([`${verb} ${sessionKey(key, realm)}`]);
    expect(learnt).toEqual([lesson]);
  });

  it('a user: put with the version of now, or ended with the one that their deletion left', async () => {
    const key = user.user.id;
    expect(await apply(row('user', key), row('user', 'gone'))).toEqual([`${key} A`, 'gone A']);
    expect(written).toEqual([`put 9 ${userKey(key)}`, `end 12 ${userKey('gone')}`]);
    expect(learnt).toEqual(['user 9']);
  });
});

describe('a row counts as carried by the master that took it', () => {
  it('each by its own', async () => {
    owners.set(sessionKey('lives'), 'B');
    expect(await apply(row('session', 'lives'), row('session', 'gone'))).toEqual([
      'lives B',
      'gone A',
    ]);
  });

  it('and not where that does not answer, which keeps back no row of another', async () => {
    owners.set(sessionKey('lives'), 'B').set(userKey('gone'), 'B');
    silent.add('B');
    const rows = [row('session', 'lives'), row('session', 'graced'), row('user', 'gone')];
    expect(await apply(...rows, row('user', user.user.id))).toEqual([
      'graced A',
      `${user.user.id} A`,
    ]);
  });

  it('and not where nobody knows whose the key is', async () => {
    owners.set(sessionKey('lives'), 'nobody');
    expect(await apply(row('session', 'lives'))).toEqual([]);
  });

  it.each(['B', 'nobody'])('and not where it is another by then: %s', async (next) => {
    behind = (key) => owners.set(key, next);
    expect(await apply(row('session', 'lives'), row('user', user.user.id))).toEqual([]);
  });

  it('and nothing is carried where the record does not answer', async () => {
    parts.records.read = () => Promise.reject(new SessionStoreUnavailableError('postgres', 'read'));
    await expectRefusal(apply(row('session', 'lives')), 'STORE_UNAVAILABLE');
    expect(written).toEqual([]);
  });
});
