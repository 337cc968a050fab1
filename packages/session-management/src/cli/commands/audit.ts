import { Command, InvalidArgumentError } from 'commander';
import type { AuditEntry } from '../../types/index.ts';
import { counted, instant, print, table } from '../output.ts';

interface ListOptions {
  limit: number;
  json?: boolean;
}

const MOST = 10_000;

/** `audit`: exit code 0 when done, 1 when PostgreSQL cannot say or does not let it. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('Who opened and ended which session: whether it is written, and what it says.')
    .addCommand(switchCommand('on', 'Writes it from now on, in every process, with the session.'))
    .addCommand(switchCommand('off', 'Stops that. What is written stays.'))
    .addCommand(listCommand());
}

function switchCommand(state: 'on' | 'off', description: string): Command {
  return new Command(state)
    .description(description)
    .option('--json', 'print one JSON object instead of text')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { withOperator } = await import('../../factories/operator.ts');
      await withOperator(({ audit }) => audit.switchTo(state));
      print(json, { audit: state }, () => `the audit is ${state}`);
    });
}

function listCommand(): Command {
  return new Command('list')
    .description(
      "What happened to a user's sessions, the latest first; also of a user who is gone.",
    )
    .argument('<user>', 'the id of a user; the e-mail address too, while the user is there')
    .option('--limit <lines>', `at most so many, 1 to ${MOST}`, limitOf, 100)
    .option('--json', 'print one JSON object instead of text')
    .action(async (user: string, { json = false, limit }: ListOptions) => {
      const { withOperator } = await import('../../factories/operator.ts');
      const entries = await withOperator(async ({ audit, manager }) => {
        const known = await manager().findByEmail(user);
        return await audit.list(known?.id ?? user, limit);
      });
      print(json, { entries }, () => describe(entries));
    });
}

function describe(entries: readonly AuditEntry[]): string {
  if (entries.length === 0) return `${counted(0, 'line')}: nothing happened while the audit was on`;
  const rows = entries.map(({ actor, at, by, handle, ip, kind, realm, reason }) => [
    instant(at),
    kind,
    realm ?? 'all',
    handle ?? '',
    reason ?? '',
    actor ?? by ?? '',
    ip ?? '',
  ]);
  return table([['AT', 'WHAT', 'REALM', 'HANDLE', 'WHY', 'BY', 'IP'], ...rows]);
}

function limitOf(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines >= 1 && lines <= MOST) return lines;
  throw new InvalidArgumentError(`It takes a whole number from 1 to ${MOST}.`);
}
