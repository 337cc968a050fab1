#!/usr/bin/env node
import { Command } from 'commander';
import { isSessionError } from '../types/index.ts';
import { afterRestoreCommand } from './commands/after-restore.ts';
import { migrateCommand } from './commands/migrate.ts';

const program = new Command('session-management')
  .description('Looks after the stores of the session system.')
  .showHelpAfterError()
  .addCommand(migrateCommand())
  .addCommand(afterRestoreCommand());

// The timers of the stores keep no process alive, so a command that waits for one does.
const awake = setInterval(() => undefined, 60_000);
try {
  await program.parseAsync();
} catch (error) {
  if (!isSessionError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  clearInterval(awake);
}
