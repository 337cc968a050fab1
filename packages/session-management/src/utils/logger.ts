import type { Logger } from '../types/index.ts';
import { type LogLevel, logLevel } from './environment.ts';

const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Writes `message key=value` lines to the console, one event a line.
 *
 * Values are encoded as JSON where they hold anything but plain characters, so that nothing from
 * outside can begin a line of its own. Lines below the level of `SESSION_LOG_LEVEL` are dropped.
 */
export const consoleLogger: Logger = {
  debug: (message, fields) => write('debug', message, fields),
  info: (message, fields) => write('info', message, fields),
  warn: (message, fields) => write('warn', message, fields),
  error: (message, fields) => write('error', message, fields),
};

function write(level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
  if (ORDER[level] < ORDER[logLevel()]) return;
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${encode(value)}`);
  console[level]([message, ...pairs].join(' '));
}

function encode(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:/@+-]+$/.test(value)) return value;
  return JSON.stringify(value) ?? String(value);
}
