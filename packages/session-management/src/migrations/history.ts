import type pg from 'pg';
import type { AppliedMigration, Migration } from './plan-migrations.ts';

/** In the schema of sessions: a history that the application keeps of its own migrations never meets it. */
const TABLES = `
CREATE TABLE sessions."Migration" (
  "name" TEXT PRIMARY KEY,
  "checksum" TEXT NOT NULL,
  "appliedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
-- Besides the owner, who may use what lies in this schema.
CREATE TABLE sessions."Grantee" ("role" TEXT PRIMARY KEY);`;

export async function createHistory(client: pg.Client): Promise<void> {
  // Looked for first: IF NOT EXISTS alone sends a notice at each run.
  if (await hasHistory(client)) return;
  await client.query('CREATE SCHEMA IF NOT EXISTS sessions');
  await client.query(TABLES);
}

/** What has been applied; nothing where no migration ever ran. */
export async function readHistory(client: pg.Client): Promise<AppliedMigration[]> {
  if (!(await hasHistory(client))) return [];
  const { rows } = await client.query<AppliedMigration>(
    'SELECT "name" AS name, "checksum" AS checksum FROM sessions."Migration"',
  );
  return rows;
}

export async function recordApplied(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('INSERT INTO sessions."Migration" ("name", "checksum") VALUES ($1, $2)', [
    migration.name,
    migration.checksum,
  ]);
}

async function hasHistory(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('sessions."Migration"') IS NOT NULL AS there`,
  );
  return rows[0]?.there === true;
}
