import type pg from 'pg';
import { MigrationFailedError } from '../types/index.ts';

/** Something of ours that a role may use, besides its owner. */
interface Grant {
  /** As REVOKE names it, such as `TABLE sessions."Session"`. */
  object: string;
  /** As REVOKE names it: quoted, or PUBLIC. */
  grantee: string;
  /** Such as `SELECT, UPDATE`. */
  privileges: string;
}

/** What stands in the schema of sessions and whom, besides its owner and the roles on the list, it is open to. */
const OPEN = `
  WITH mine AS (
    SELECT 'SCHEMA sessions' AS object, nspowner AS owner, coalesce(nspacl, acldefault('n', nspowner)) AS acl
    FROM pg_namespace WHERE nspname = 'sessions'
    UNION ALL
    SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || oid::regclass, relowner,
      coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
    FROM pg_class WHERE relnamespace = 'sessions'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
    UNION ALL
    SELECT 'TABLE ' || attrelid::regclass, relowner, attacl
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'sessions'::regnamespace AND attacl IS NOT NULL
    UNION ALL
    SELECT 'ROUTINE ' || oid::regprocedure, proowner, coalesce(proacl, acldefault('f', proowner))
    FROM pg_proc WHERE pronamespace = 'sessions'::regnamespace
  )
  SELECT object, coalesce(quote_ident(role.rolname), 'PUBLIC') AS grantee, string_agg(DISTINCT privilege_type, ', ') AS privileges
  FROM mine, aclexplode(acl) LEFT JOIN pg_roles role ON role.oid = grantee
  WHERE grantee <> owner AND NOT EXISTS (SELECT FROM sessions."Grantee" known WHERE known."role" = role.rolname)
  GROUP BY 1, 2 ORDER BY 2, 1`;

/** What an application's role needs. The audit is written by triggers alone: it may read it, and forget what is old. */
const RIGHTS = (role: string, functions: string): string => `
  GRANT USAGE ON SCHEMA sessions, public TO ${role};
  GRANT SELECT, INSERT, UPDATE, DELETE ON sessions."Subject", sessions."Session", sessions."Raise", sessions."Outbox", sessions."Masters", sessions."Lease" TO ${role};
  GRANT SELECT ON sessions."Audit", sessions."Migration", sessions."Grantee" TO ${role};
  GRANT EXECUTE ON ROUTINE ${functions} TO ${role};
  GRANT SELECT, INSERT, UPDATE, DELETE ON public."User" TO ${role};`;

/** Notes the roles that may use what is ours. @throws {MigrationFailedError} for a role that is not there. */
export async function noteGrantees(client: pg.Client, roles: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS asked(name) WHERE to_regrole(quote_ident(name)) IS NULL`,
    [roles],
  );
  if (rows.length > 0) {
    const missing = rows.map(({ name }) => name).join(', ');
    throw new MigrationFailedError(
      `there is no role ${missing}. Expected: roles that exist. Do: CREATE ROLE, then migrate again`,
    );
  }
  await client.query(
    `INSERT INTO sessions."Grantee" ("role") SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`,
    [roles],
  );
}

/** Gives the noted roles their rights, and takes away everybody else's: PUBLIC's, and what default privileges gave. */
export async function settleGrants(client: pg.Client): Promise<string[]> {
  const { rows: noted } = await client.query<{ role: string }>(
    `SELECT quote_ident(role.rolname) AS role FROM sessions."Grantee" JOIN pg_roles role ON role.rolname = "role"`,
  );
  const { rows: callable } = await client.query<{ name: string }>(
    `SELECT oid::regprocedure::text AS name FROM pg_proc
     WHERE pronamespace = 'sessions'::regnamespace AND prorettype <> 'trigger'::regtype`,
  );
  const functions = callable.map(({ name }) => name).join(', ');
  for (const { role } of noted) await client.query(RIGHTS(role, functions));
  const open = await openGrants(client);
  for (const { grantee, object } of open) {
    await client.query(`REVOKE ALL ON ${object} FROM ${grantee}`);
  }
  return open.map(wordsOf);
}

/** What of ours is open to roles that nobody named, such as `SELECT on TABLE sessions."Session" for anon`. */
export async function strangersGrants(client: pg.Client): Promise<string[]> {
  return (await openGrants(client)).map(wordsOf);
}

/** The document's table where we have made it: its hashes are no more everybody's than sessions are. */
export async function closeUsers(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<Grant>(
    `SELECT 'TABLE public."User"' AS object, coalesce(quote_ident(role.rolname), 'PUBLIC') AS grantee,
       string_agg(DISTINCT privilege_type, ', ') AS privileges
     FROM pg_class, aclexplode(relacl) LEFT JOIN pg_roles role ON role.oid = grantee
     WHERE pg_class.oid = 'public."User"'::regclass AND grantee <> relowner GROUP BY 2 ORDER BY 2`,
  );
  for (const { grantee, object } of rows) {
    await client.query(`REVOKE ALL ON ${object} FROM ${grantee}`);
  }
  return rows.map(wordsOf);
}

async function openGrants(client: pg.Client): Promise<Grant[]> {
  return (await client.query<Grant>(OPEN)).rows;
}

function wordsOf({ grantee, object, privileges }: Grant): string {
  return `${privileges} on ${object} for ${grantee}`;
}
