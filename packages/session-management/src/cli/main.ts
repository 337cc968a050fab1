#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { isSessionError } from '../types/index.ts';
import { afterRestoreCommand } from './commands/after-restore.ts';
import { auditCommand } from './commands/audit.ts';
import { cleanupCommand } from './commands/cleanup.ts';
import { doctorCommand } from './commands/doctor.ts';
import { migrateCommand } from './commands/migrate.ts';
import { sessionsCommand } from './commands/sessions.ts';
import { statsCommand } from './commands/stats.ts';
import { Failure } from './failure.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 not done (standard error says why), 2 wrong usage.`;

// A command loads the stores when it runs, so that help and a wrong word are answered at once.
const program = new Command('session-management')
  .description('Looks after the stores of the session system.')
  .showHelpAfterError('(add --help for what it takes)')
  .exitOverride()
  .addHelpText('after', EXIT_CODES)
  .addCommand(migrateCommand())
  .addCommand(doctorCommand())
  .addCommand(sessionsCommand())
  .addCommand(cleanupCommand())
  .addCommand(auditCommand())
  .addCommand(statsCommand())
  .addCommand(afterRestoreCommand());
passOn(program);

// The timers of the stores keep no process alive, so a command that waits for one does.
const awake = setInterval(() => undefined, 60_000);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
} finally {
  clearInterval(awake);
}

/** Every command ends as the program does. */
function passOn(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    passOn(command);
  }
}

/** Says what the parser has not said already. @throws what is neither its error nor ours. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!isSessionError(error) && !(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  return 1;
}
