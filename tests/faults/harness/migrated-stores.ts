import { type PostgresStore, type Stores, startPostgres, startStores } from '@repo/local-stores';
import { PACKAGE } from './package.ts';
import { command } from './stores.ts';

let migrated: Promise<PostgresStore> | null = null;

/**
 * Private stores, PostgreSQL with the tables of the package: made once, then copied. Patched builds
 * have the same tables, since only their code is patched.
 */
export async function startMigrated(): Promise<Stores> {
  migrated ??= migrate();
  return startStores({ copyOf: await migrated });
}

/** Stopped, as a copy needs it. */
async function migrate(): Promise<PostgresStore> {
  const postgres = await startPostgres();
  await command(PACKAGE, ['migrate'], { databaseUrl: postgres.url });
  await postgres.stop();
  return postgres;
}
