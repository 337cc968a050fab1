import { Command, InvalidArgumentError } from 'commander';
import type { Operator } from '../../factories/operator.ts';
import { durationToMs } from '../../policy/duration.ts';
import { counted, print } from '../output.ts';
import { bar, progressLine } from '../progress.ts';

interface Options {
  batch: number;
  audit?: string;
  json?: boolean;
}

interface Outcome {
  deleted: number;
  auditDeleted: number;
  /** Whether it was stopped before nothing was left. */
  interrupted: boolean;
}

const MOST = 10_000;
/** What a shell makes of a program that SIGINT ended. */
const INTERRUPTED = 130;

/** `cleanup`: exit code 0 when nothing is left to delete, 130 when it was stopped, 1 otherwise. */
export function cleanupCommand(): Command {
  return new Command('cleanup')
    .description(
      'Deletes the records of sessions that ended more than a day ago, in batches. May run beside ' +
        'itself and beside the application; stopped with Ctrl-C, it ends after the batch.',
    )
    .option('--batch <rows>', `rows of one statement, 1 to ${MOST}`, batchOf, 1_000)
    .option('--audit <age>', 'also lines of the audit older than this, such as 365d', ageOf)
    .option('--json', 'print one JSON object instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async ({ audit, batch, json = false }: Options) => {
      const { withOperator } = await import('../../factories/operator.ts');
      const outcome = await withOperator((operator) => cleanUp(operator, batch, audit));
      print(json, outcome, () => describe(outcome));
      if (outcome.interrupted) process.exitCode = INTERRUPTED;
    });
}

async function cleanUp(
  { countSessions, manager }: Operator,
  batchSize: number,
  auditOlderThan: string | undefined,
): Promise<Outcome> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  // Once: whoever says it twice means now.
  process.once('SIGINT', onSignal);
  const line = progressLine(process.stderr);
  const expected = process.stderr.isTTY ? total(await countSessions()) : 0;
  try {
    const report = await manager().cleanup({
      batchSize,
      auditOlderThan,
      onProgress: (deleted) => {
        line.show(bar(deleted, expected));
      },
      signal: stop.signal,
    });
    return { ...report, interrupted: stop.signal.aborted };
  } finally {
    line.clear();
    process.off('SIGINT', onSignal);
  }
}

function total(realms: readonly { due: number }[]): number {
  return realms.reduce((sum, { due }) => sum + due, 0);
}

function describe({ auditDeleted, deleted, interrupted }: Outcome): string {
  const lines = auditDeleted > 0 ? ` and ${counted(auditDeleted, 'line')} of the audit` : '';
  const said = `deleted ${counted(deleted, 'ended session')}${lines}`;
  return interrupted ? `${said}, then stopped; run it again for the rest` : said;
}

function batchOf(text: string): number {
  const rows = Number(text);
  if (Number.isInteger(rows) && rows >= 1 && rows <= MOST) return rows;
  throw new InvalidArgumentError(`It takes a whole number from 1 to ${MOST}.`);
}

function ageOf(text: string): string {
  if (durationToMs(text) !== null) return text;
  throw new InvalidArgumentError('It takes seconds, or such as 365d.');
}

const EXAMPLES = `
Exit codes: 0 done, 1 a store did not answer (run it again), 2 wrong usage, 130 stopped.

Examples:
  session-management cleanup
  session-management cleanup --batch 5000 --json      # from cron, once a day
  session-management cleanup --audit 365d             # and the audit, a year back`;
