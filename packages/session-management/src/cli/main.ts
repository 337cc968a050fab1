#!/usr/bin/env node
import { Command } from 'commander';
import { isSessionError } from '../types/index.ts';
import { migrateCommand } from './commands/migrate.ts';

const program = new Command('session-management')
  .description('Looks after the stores of the session system.')
  .showHelpAfterError()
  .addCommand(migrateCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!isSessionError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
