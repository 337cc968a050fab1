import { Command } from 'commander';
import { ConfigurationInvalidError } from '../../types/index.ts';
import { directDatabaseUrl } from '../../utils/environment.ts';

/** `migrate`: applies what is pending. Exit code 0 when the database is up to date, 1 when it is not. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description(
      'Applies the pending migrations to the database of DATABASE_DIRECT_URL or DATABASE_URL.',
    )
    .option(
      '--grant-to <roles>',
      'roles, parted by commas, that may use the sessions besides the owner',
    )
    .option('--json', 'print one JSON object instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { grantTo?: string; json?: boolean }) => {
      const databaseUrl = directDatabaseUrl();
      if (databaseUrl === undefined) {
        throw new ConfigurationInvalidError(
          'DATABASE_URL is not set: give the database to migrate, such as postgresql://localhost/app',
        );
      }
      const say = (line: string): void => {
        if (!options.json) process.stdout.write(`${line}\n`);
      };
      const { applyMigrations } = await import('../../migrations/apply-migrations.ts');
      const revoked: string[] = [];
      const applied = await applyMigrations({
        databaseUrl,
        grantTo: rolesOf(options.grantTo),
        onProgress: (name) => say(`applied ${name}`),
        onRevoked: (right) => {
          revoked.push(right);
          say(`revoked ${right}`);
        },
      });
      if (options.json) process.stdout.write(`${JSON.stringify({ applied, revoked })}\n`);
      else if (applied.length === 0) say('the database is up to date');
    });
}

function rolesOf(text: string = ''): string[] {
  return text
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
}

const EXAMPLES = `
Exit codes: 0 the database is up to date, 1 it is not, 2 wrong usage.

Examples:
  DATABASE_URL=postgresql://localhost/app session-management migrate
  session-management migrate --grant-to app,worker
  session-management migrate --json`;
