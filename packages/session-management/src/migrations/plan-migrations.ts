import { MigrationFailedError } from '../types/index.ts';

/** A file of `prisma/migrations`. */
export interface Migration {
  /** The name of its folder, by which the files are ordered. */
  name: string;
  sql: string;
  /** SHA-256 of the file, hexadecimal. */
  checksum: string;
}

/** A row of Prisma's table of applied migrations. */
export interface AppliedMigration {
  name: string;
  checksum: string;
  finished: boolean;
  rolledBack: boolean;
}

/**
 * The migrations that are still to be applied, in order. Rows that are not ours (an application
 * may keep its own migrations in the same table) are left aside.
 *
 * @throws {MigrationFailedError} when one failed half-way, or was edited after it was applied.
 */
export function planMigrations(
  files: readonly Migration[],
  applied: readonly AppliedMigration[],
): Migration[] {
  const rows = new Map(
    applied.filter(({ rolledBack }) => !rolledBack).map((row) => [row.name, row]),
  );
  return files.filter((file) => {
    const row = rows.get(file.name);
    if (row === undefined) return true;
    if (!row.finished) throw failedBefore(file.name);
    if (row.checksum !== file.checksum) throw editedSince(file.name);
    return false;
  });
}

function failedBefore(name: string): MigrationFailedError {
  return new MigrationFailedError(
    `migration ${name} began and did not finish. Expected: each migration finished or rolled back. ` +
      `Do: undo what it left, run "prisma migrate resolve --rolled-back ${name}", then migrate again`,
  );
}

function editedSince(name: string): MigrationFailedError {
  return new MigrationFailedError(
    `migration ${name} was edited after it was applied. Expected: the file as it was when it ran. ` +
      'Do: restore the file, and put what you want to change into a new migration',
  );
}
