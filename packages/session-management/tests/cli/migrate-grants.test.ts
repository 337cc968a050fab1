import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyDatabase, type TestDatabase } from '../postgres/database.ts';
import { command, doctor } from './command.ts';

/** Roles belong to the server, which other tests share. */
const suffix = randomUUID().slice(0, 8);
const APP = `app_${suffix}`;
const ANON = `anon_${suffix}`;

let database: TestDatabase;

beforeAll(async () => {
  database = await emptyDatabase();
  for (const name of [APP, ANON]) await database.psql(`CREATE ROLE ${name} LOGIN`);
  await database.psql(`ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO ${ANON}`);
});

afterAll(async () => {
  for (const name of [APP, ANON]) {
    await database.psql(`DROP OWNED BY ${name} CASCADE`);
    await database.psql(`DROP ROLE ${name}`);
  }
  await database.close();
});

describe('session-management migrate --grant-to', () => {
  const env = () => ({ DATABASE_URL: database.url });
  const strangers = async () =>
    (await doctor(env())).checks.find(({ name }) => name === 'postgres strangers');

  it('says what it took from whom, and gives a role what it needs', async () => {
    const { code, stdout } = await command(['migrate', '--grant-to', ` ${APP} ,`], env());

    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^revoked .*SELECT.* on TABLE sessions."Session" for ${ANON}$`, 'm'),
    );
    expect(stdout).not.toContain(`for ${APP}`);
    const rights = await database.psql(
      `SELECT has_table_privilege($1, 'sessions."Session"', 'INSERT') AS app,
         has_table_privilege($2, 'sessions."Session"', 'SELECT') AS anon`,
      [APP, ANON],
    );
    expect(rights).toEqual([{ app: true, anon: false }]);
  });

  it('leaves doctor nothing to complain of, until somebody opens a table again', async () => {
    expect((await strangers())?.status).toBe('ok');
    await database.psql(`GRANT SELECT ON sessions."Session" TO ${ANON}`);
    expect(await strangers()).toMatchObject({
      status: 'fail',
      found: `SELECT on TABLE sessions."Session" for ${ANON}`,
    });

    const again = await command(['migrate', '--json'], env());
    expect(JSON.parse(again.stdout)).toEqual({
      applied: [],
      revoked: [`SELECT on TABLE sessions."Session" for ${ANON}`],
    });
    expect((await strangers())?.status).toBe('ok');
  });

  it('refuses a role that is not there, and changes nothing', async () => {
    const nobody = `nobody_${suffix}`;
    const run = await command(['migrate', '--grant-to', nobody], env());
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain(nobody);
  });
});
