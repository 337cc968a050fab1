import { MigrationFailedError } from '../types/index.ts';

/** A file of `prisma/migrations`. */
export interface Migration {
  /** The name of its folder, by which the files are ordered. */
  name: string;
  sql: string;
  /** SHA-256 of the file, hexadecimal. */
  checksum: string;
}

/** A row of the history. */
export type AppliedMigration = Pick<Migration, 'name' | 'checksum'>;

/**
 * The migrations that are still to be applied, in order.
 *
 * @throws {MigrationFailedError} when one was edited after it was applied.
 */
export function planMigrations(
  files: readonly Migration[],
  applied: readonly AppliedMigration[],
): Migration[] {
  const rows = new Map(applied.map((row) => [row.name, row]));
  return files.filter((file) => {
    const row = rows.get(file.name);
    if (row === undefined) return true;
    if (row.checksum !== file.checksum) throw editedSince(file.name);
    return false;
  });
}

function editedSince(name: string): MigrationFailedError {
  return new MigrationFailedError(
    `migration ${name} was edited after it was applied. Expected: the file as it was when it ran. ` +
      'Do: restore the file, and put what you want to change into a new migration',
  );
}
