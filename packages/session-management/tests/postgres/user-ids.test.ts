import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  type TestDatabase,
} from './database.ts';

describe('the id of a user', () => {
  let database: TestDatabase;
  const psql = (text: string) => database.psql(text);
  const handles = async (id: string) =>
    (await database.sessions.list(id, 'web')).map(({ handle }) => handle).sort();
  const told = async () =>
    (
      await database.psql<{ key: string; end: boolean }>(
        'SELECT DISTINCT "key", "isEnd" AS end FROM sessions."Outbox" ORDER BY 1',
      )
    ).map(({ end, key }) => `${key}${end ? '!' : ''}`);
  const RENAME = `UPDATE "User" SET id = 'u2' WHERE id = 'u1'`;

  beforeAll(async () => {
    database = await migratedDatabase();
  });

  beforeEach(async () => {
    await database.empty();
    await psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
    for (const name of ['d1', 'd2']) await database.sessions.create(newSession('u1', name));
  });

  afterAll(() => database.close());

  it('that is made again has a version above that of the deletion, which is above all copies', async () => {
    // Ahead of the clock, so that a version is one more than the last.
    await psql('UPDATE sessions."Subject" SET "version" = 1125899906842624');
    const before = await database.users.snapshot('u1');
    await psql('DELETE FROM "User"');
    const gone = await database.users.snapshot('u1');
    await psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
    const again = await database.users.snapshot('u1');

    const [first, last] = [before, again].map(({ copy }) => copy?.version ?? Number.NaN);
    expect(gone.copy === null && gone.version).toBeGreaterThan(first ?? Number.NaN);
    expect(last).toBeGreaterThan(gone.copy === null ? gone.version : Number.NaN);
    expect(await handles('u1')).toEqual([]);
  });

  it('that is given up takes its copies with it, and its sessions go on under the new one', async () => {
    await psql(RENAME);

    expect(await told()).toEqual(['u1!', 'u2!']);
    expect(await handles('u2')).toEqual(['d1', 'd2'].map(handleNamed));
    expect(await handles('u1')).toEqual([]);
  });

  it('that has been somebody else revives nothing of theirs, and ends what it is given to', async () => {
    await psql(`INSERT INTO "User"(id, email) VALUES ('u2', 'eve@example.com')`);
    await database.sessions.create(newSession('u2', 'e1'));
    await psql(`DELETE FROM "User" WHERE id = 'u2'`);
    await psql(RENAME);

    expect(await told()).toEqual(['u1!', 'u2!']);
    expect([await handles('u1'), await handles('u2')]).toEqual([[], []]);
    const answers = await database.sessions.read(['d1', 'd2', 'e1'].map(digestNamed));
    expect([...answers.values()].map(({ state }) => state)).not.toContain('live');
    await database.sessions.create(newSession('u2', 'd3'));
    expect(await handles('u2')).toEqual([handleNamed('d3')]);
  });
});
