import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADA, migratedDatabase, newSession, type TestDatabase } from './database.ts';

let database: TestDatabase;
let known: string[];

beforeAll(async () => {
  database = await migratedDatabase();
  known = [];
  for (const name of ['ada', 'bob', 'cy']) {
    const { id } = await database.users.create({ ...ADA, email: `${name}@example.com` });
    await database.sessions.create(newSession(id, `first of ${name}`));
    known.push(id);
  }
}, 60_000);
afterAll(() => database.close());

const asked = (round: string) =>
  known.map((userId, place) => newSession(userId, `${round} ${place}`));

describe('log-ins in one statement', () => {
  it('wait for nobody, though another transaction holds the users, their subjects and their sessions', async () => {
    await database.inTransaction(async (client) => {
      await client.query('SELECT FROM "User" FOR UPDATE');
      await client.query('SELECT FROM sessions."Subject" FOR UPDATE');
      await client.query('SELECT FROM sessions."Session" FOR UPDATE');
      const opened = await database.sessions.createMany(asked('held'));
      expect(opened.size).toBe(known.length);
    });
  });

  it('leave out a user who has never signed in, instead of waiting for a subject', async () => {
    const { id } = await database.users.create({ ...ADA, email: 'new@example.com' });
    await database.inTransaction(async (client) => {
      await client.query('SELECT sessions.subject_of($1)', [id]);
      const first = newSession(id, 'first of new');
      const opened = await database.sessions.createMany([...asked('beside'), first]);
      expect(opened.size).toBe(known.length);
      expect(opened.has(first.digest)).toBe(false);
    });
  });

  it('are all left to themselves where one has what no column takes', async () => {
    const bad = { ...newSession(known[0] ?? '', 'bad'), handle: 'no uuid' };
    const group = asked('with a bad one');
    expect((await database.sessions.createMany([...group, bad])).size).toBe(0);
    for (const each of group) await database.sessions.create(each);
    expect((await database.sessions.read(group.map(({ digest }) => digest))).size).toBe(3);
  });

  it('end with an "all" that began before them and commits after', async () => {
    const group = asked('overtaken');
    await database.inTransaction(async (client) => {
      const raise = `SELECT FROM sessions.raise_floor($1, NULL, NULL, 'revoked-all', NULL)`;
      await client.query(raise, [known[0]]);
      expect((await database.sessions.createMany(group)).size).toBe(known.length);
      await client.query('COMMIT');
    });
    const answers = await database.sessions.read(group.map(({ digest }) => digest));
    expect(group.map(({ digest }) => answers.get(digest)?.state)).toEqual([
      'revoked',
      'live',
      'live',
    ]);
  });
});
