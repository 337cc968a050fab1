import type pg from 'pg';
import { MigrationFailedError } from '../types/index.ts';

/** The table `"User"` as the first migration makes it: each column with its type. */
const DOCUMENT_COLUMNS = [
  'createdAt timestamp without time zone',
  'email text',
  'hashedPassword text',
  'id text',
  'isVerified boolean',
  'lastLoginAt timestamp without time zone',
  'role UserRole',
  'sessionId text',
];

/**
 * Whether the database already runs the document's design, made by other means than these
 * migrations: then the first one counts as applied.
 *
 * @throws {MigrationFailedError} when there is a table `"User"` that lacks a column of it.
 */
export async function hasDocumentTable(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ column: string }>(
    `SELECT attname || ' ' || coalesce(
       CASE WHEN type.typtype = 'e' THEN type.typname END, format_type(type.oid, NULL)) AS column
     FROM pg_attribute JOIN pg_type type ON type.oid = atttypid
     WHERE attrelid = to_regclass('public."User"') AND attnum > 0 AND NOT attisdropped`,
  );
  if (rows.length === 0) return false;

  const there = new Set(rows.map(({ column }) => column));
  const missing = DOCUMENT_COLUMNS.filter((column) => !there.has(column));
  if (missing.length === 0) return true;
  throw new MigrationFailedError(
    `there is a table "User" without: ${missing.join(', ')}. Expected: no such table, or the ` +
      "document's. Do: add what is missing, rename that table, or give this package a database of its own",
  );
}
