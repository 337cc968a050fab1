import { Command } from 'commander';
import type { RestoreReport } from '../../factories/after-restore.ts';
import { ConfigurationInvalidError } from '../../types/index.ts';
import { buildVariable, directDatabaseUrl } from '../../utils/environment.ts';
import { print } from '../output.ts';
import { progressLine } from '../progress.ts';

interface Options {
  keep?: boolean;
  json?: boolean;
}

/** `after-restore`: exit code 0 when all is done, 1 when it is not and must be said again. */
export function afterRestoreCommand(): Command {
  return new Command('after-restore')
    .description(
      'Run once after DATABASE_URL was restored from a backup: signs everybody out, and drops the ' +
        'copies of sessions and users in REDIS_URL, so that nothing revoked lives on.',
    )
    .option('--keep', 'sign nobody out: sessions that were revoked after the backup live again')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json = false, keep = false }: Options) => {
      const databaseUrl = directDatabaseUrl();
      const redisUrl = buildVariable('REDIS_URL');
      if (databaseUrl === undefined || redisUrl === undefined) {
        throw new ConfigurationInvalidError(missing({ databaseUrl, redisUrl }));
      }
      const line = progressLine(process.stderr);
      const onProgress = (what: string, done: number): void => line.show(`${what}: ${done}`);
      const { afterRestore } = await import('../../factories/after-restore.ts');
      const report = await afterRestore({ databaseUrl, redisUrl, keep, onProgress }).finally(
        line.clear,
      );
      print(json, { ...report, kept: keep }, () => describe(report, keep));
    });
}

function missing(urls: { databaseUrl: string | undefined; redisUrl: string | undefined }): string {
  const names = [
    ...(urls.databaseUrl === undefined ? ['DATABASE_URL'] : []),
    ...(urls.redisUrl === undefined ? ['REDIS_URL'] : []),
  ];
  return `${names.join(' and ')} must be set: give the restored database and the Redis that stands before it. Nothing was changed`;
}

function describe({ copies, sessions, users }: RestoreReport, keep: boolean): string {
  const people = `${users} ${users === 1 ? 'user' : 'users'}`;
  const record = keep
    ? `raised the versions of ${people} and ${sessions} live sessions: nobody is signed out, and what was revoked after the backup lives again`
    : `raised the floors of ${people}, which ended ${sessions} live sessions: everybody signs in again`;
  return `${record}\ndropped ${copies} copies in Redis; running processes follow within half a minute`;
}

const EXAMPLES = `
Exit codes: 0 done, 1 not done (say it again), 2 wrong usage.

Examples:
  session-management after-restore
  session-management after-restore --keep --json`;
