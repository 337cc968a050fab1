import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  type TestDatabase,
} from './database.ts';

/** As a team writes it: names looked up where the connection looks, a column watched. */
const OWN_TRIGGERS = `
  CREATE TABLE history (id text, what text);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO history VALUES (NEW.id, TG_ARGV[0]); RETURN NULL; END $$;
  CREATE TRIGGER note_any AFTER UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION note('any');
  CREATE TRIGGER note_email AFTER UPDATE OF email ON "User" FOR EACH ROW EXECUTE FUNCTION note('email');`;

describe("an application's own triggers on its users", () => {
  let database: TestDatabase;
  const noted = async () =>
    (await database.psql<{ what: string }>('SELECT what FROM history')).map(({ what }) => what);

  beforeAll(async () => {
    database = await migratedDatabase();
    await database.psql(OWN_TRIGGERS);
  });

  beforeEach(async () => {
    await database.empty();
    await database.psql('DELETE FROM history');
    await database.psql(
      `INSERT INTO "User"(id, email, "hashedPassword") VALUES ('u1', 'ada@example.com', 'h')`,
    );
  });

  afterAll(() => database.close());

  it('run for each of our changes as for one of its own', async () => {
    const { users } = database;
    await database.psql(`UPDATE "User" SET role = 'ADMIN'`);
    await users.change('u1', { role: 'USER' });
    await users.change('u1', { lastLoginAt: new Date() });
    await users.change('u1', { hashedPassword: 'h2' });
    await users.rehashPassword('u1', 'h2', 'h3');
    expect(await noted()).toEqual(Array.from({ length: 5 }, () => 'any'));
  });

  it('hear of the columns that were set, and of no other', async () => {
    await database.users.change('u1', { lastLoginAt: new Date(), isVerified: true });
    expect(await noted()).toEqual(['any']);
    await database.users.change('u1', { email: 'eve@example.com' });
    expect((await noted()).sort()).toEqual(['any', 'any', 'email']);
  });

  it('run where a rotation moves what the column sessionId names', async () => {
    const { sessions, users } = database;
    await users.change('u1', { sessionId: 'written-by-an-older-process' });
    const [listed] = await sessions.list('u1', 'web');
    const names = await database.psql<{ digest: string }>(
      `SELECT substr("sessionId", 8) AS digest FROM "User"`,
    );
    await sessions.rotate(names[0]?.digest ?? '', digestNamed('d2'));
    await users.change(
      'u1',
      { hashedPassword: 'h2' },
      { keepHandle: listed?.handle, next: { digest: digestNamed('d3'), realm: 'web' } },
    );

    expect(await database.psql('SELECT "sessionId" FROM "User"')).toEqual([
      { sessionId: `sha256:${digestNamed('d3')}` },
    ]);
    expect(await noted()).toHaveLength(4);
  });

  it('are followed in what they change themselves, of this user and of others', async () => {
    const { psql, sessions, users } = database;
    await psql(
      `INSERT INTO "User"(id, email, "hashedPassword") VALUES ('u2', 'eve@example.com', 'h')`,
    );
    for (const id of ['u1', 'u2']) await sessions.create(newSession(id, id));
    await psql(`CREATE FUNCTION cascade() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF pg_trigger_depth() = 1 THEN
          UPDATE "User" SET "hashedPassword" = 'reset' WHERE id = 'u2';
          UPDATE "User" SET "isVerified" = true WHERE id = NEW.id;
        END IF;
        RETURN NULL; END $$`);
    await psql(
      'CREATE TRIGGER cascade AFTER UPDATE OF role ON "User" FOR EACH ROW EXECUTE FUNCTION cascade()',
    );
    await psql('DELETE FROM sessions."Outbox"');
    const change = await users.change('u1', { role: 'ADMIN' });
    await psql('DROP TRIGGER cascade ON "User"');

    expect(change?.user).toMatchObject({ role: 'ADMIN', isVerified: true });
    expect(change?.copy).toMatchObject({ user: { isVerified: true } });
    expect(await sessions.list('u1', 'web')).toHaveLength(1);
    expect(await sessions.list('u2', 'web')).toEqual([]);
    const told = await psql('SELECT DISTINCT "key" FROM sessions."Outbox" ORDER BY 1');
    expect(told).toEqual([{ key: 'u1' }, { key: 'u2' }]);
  });

  it('may fail: then nothing of the change has happened', async () => {
    const kept = await database.sessions.create(newSession('u1', 'd1'));
    await database.psql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'not today'; END $$`);
    await database.psql(
      'CREATE TRIGGER refuse AFTER UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION refuse()',
    );
    await expect(database.users.change('u1', { hashedPassword: 'h2' })).rejects.toThrow();
    await database.psql('DROP TRIGGER refuse ON "User"');

    expect(kept.session.handle).toBe(handleNamed('d1'));
    const listed = await database.sessions.list('u1', 'web');
    expect(listed.map(({ handle }) => handle)).toEqual([handleNamed('d1')]);
  });
});
