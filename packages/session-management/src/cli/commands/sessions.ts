import { Command, Option } from 'commander';
import type { SessionListEntry, UserManager } from '../../types/index.ts';
import { Failure } from '../failure.ts';
import { counted, instant, print, table } from '../output.ts';

interface ListOptions {
  realm: string;
  json?: boolean;
}

interface RevokeOptions {
  handle?: string;
  all?: boolean;
  realm?: string;
  json?: boolean;
}

/** Who ends sessions by this command. */
const OPERATOR = { actor: 'command-line' };

const USER = 'the id of a user, or the e-mail address';

/** `sessions`: exit code 0 when done, 1 when a store cannot say or there is no such user. */
export function sessionsCommand(): Command {
  return new Command('sessions')
    .description("A user's live sessions, and their end.")
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description("Lists a user's live sessions, newest first.")
    .argument('<user>', USER)
    .option('--realm <name>', 'the application whose sessions they are', 'web')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText('after', LIST_EXAMPLES)
    .action(async (user: string, { json = false, realm }: ListOptions) => {
      const { withOperator } = await import('../../factories/operator.ts');
      const sessions = await withOperator(async ({ manager }) => {
        const users = manager(realm);
        return await users.listSessions(await userIdOf(users, user));
      });
      print(json, { sessions }, () => describe(sessions, realm));
    });
}

function revokeCommand(): Command {
  const command = new Command('revoke');
  return command
    .description("Ends a user's sessions. Running processes refuse them at once.")
    .argument('<user>', USER)
    .option(
      '--handle <handle>',
      'this session, as `sessions list` names it; in realm web unless told',
    )
    .addOption(new Option('--all', 'all of them, in every realm unless told').conflicts('handle'))
    .option('--realm <name>', 'only sessions of this application')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText('after', REVOKE_EXAMPLES)
    .action(async (user: string, options: RevokeOptions) => {
      if (options.handle === undefined && !options.all) {
        command.error("error: say which: '--handle <handle>' or '--all'");
      }
      const { withOperator } = await import('../../factories/operator.ts');
      const { ended, follows } = await withOperator(async ({ manager }) => {
        const users = manager(options.realm);
        const count = await revoke(users, await userIdOf(users, user), options);
        return { ended: count, follows: (await users.health()).stores.copies.reachable };
      });
      print(options.json ?? false, { ended }, () => `${counted(ended, 'session')} ended`);
      if (!follows) process.stderr.write(`${LATER}\n`);
    });
}

const LATER = 'Redis does not answer: its copies follow when it is back';

/** `--all` of one realm is all but the session that nobody has. */
function revoke(users: UserManager, userId: string, options: RevokeOptions): Promise<number> {
  if (options.handle !== undefined) return users.revokeSession(userId, options.handle, OPERATOR);
  return options.realm === undefined
    ? users.revokeAllSessions(userId, OPERATOR)
    : users.revokeOtherSessions(userId, '', OPERATOR);
}

/** The id, which is not shown again where there is no such user: it may be an address. */
async function userIdOf(users: UserManager, idOrEmail: string): Promise<string> {
  const user = (await users.findById(idOrEmail)) ?? (await users.findByEmail(idOrEmail));
  if (user === undefined) throw new Failure('no user has this id or e-mail address');
  return user.id;
}

function describe(sessions: readonly SessionListEntry[], realm: string): string {
  if (sessions.length === 0) return `no live session in realm ${realm}`;
  const rows = sessions.map(({ createdAt, device, expiresAt, id, ip, lastSeenAt }) => [
    id,
    device,
    ip,
    ...[createdAt, lastSeenAt, expiresAt].map(instant),
  ]);
  return table([['HANDLE', 'DEVICE', 'IP', 'CREATED', 'LAST SEEN', 'EXPIRES'], ...rows]);
}

const LIST_EXAMPLES = `
Examples:
  session-management sessions list ada@example.com
  session-management sessions list 5f0c4f0e-8a55-4a6f-9d0a-0d8a3f1f6d2b --realm admin --json`;

const REVOKE_EXAMPLES = `
Examples:
  session-management sessions revoke ada@example.com --handle 019a8f3c-7d11-7c53-9d27-2f6a1f1b6a10
  session-management sessions revoke ada@example.com --all
  session-management sessions revoke ada@example.com --all --realm admin`;
