import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MigrationFailedError } from '../types/index.ts';
import type { Migration } from './plan-migrations.ts';

/** The package's own migrations; `src` and `dist` lie equally deep. */
export const OWN_MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** The migrations of a folder in Prisma's layout (`<name>/migration.sql`), by name. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return await Promise.all(names.sort().map((name) => readMigration(directory, name)));
  } catch (cause) {
    throw new MigrationFailedError(
      `the migrations in ${directory} cannot be read. Expected: <name>/migration.sql, as in ` +
        'prisma/migrations of this package. Do: install the package anew, or give the right folder',
      { cause },
    );
  }
}

async function readMigration(directory: string, name: string): Promise<Migration> {
  const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8');
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}
