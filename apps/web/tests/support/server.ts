import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureBuilt, ROOT, WEB } from './build.ts';

export type Variables = Record<string, string>;

/** The production build, served by a process of its own. */
export interface Server {
  origin: string;
  /** Everything that the process has written so far. */
  log(): string;
  /** Asks it to end; resolves to its exit code, `null` when it had to be killed after 10 s. */
  stop(): Promise<number | null>;
}

/** How a process ended that was not meant to serve. */
export interface Ending {
  code: number | null;
  stderr: string;
}

/** A busy machine must not look like an outage. */
const PATIENT = {
  SESSION_REDIS_TIMEOUT: '2s',
  SESSION_POSTGRES_TIMEOUT: '4s',
  SESSION_LOOKUP_DEADLINE: '8s',
};

const START_DEADLINE_MS = 30_000;

/** Starts the application on a free port with these variables and no others. */
export async function startServer(variables: Variables): Promise<Server> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const { child, written } = await launch(port, { PUBLIC_URL: origin, ...variables });
  const log = () => written.stdout + written.stderr;

  const deadline = performance.now() + START_DEADLINE_MS;
  while (!(await answers(origin))) {
    if (child.exitCode !== null) throw new Error(`the server ended:\n${log()}`);
    if (performance.now() > deadline) throw new Error(`the server does not answer:\n${log()}`);
    await pause(100);
  }
  return { origin, log, stop: () => stop(child) };
}

/** Starts the application where it must refuse to, and tells how it ended. */
export async function startRefused(variables: Variables): Promise<Ending> {
  const { child, written } = await launch(await freePort(), variables);
  const giveUp = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
  const [code] = await once(child, 'close');
  clearTimeout(giveUp);
  return { code, stderr: written.stderr };
}

/** Brings a database to the present schema, as an operator would. */
export async function migrate(databaseUrl: string): Promise<void> {
  const command = join(ROOT, 'packages/session-management/dist/cli/main.js');
  const env = { NODE_ENV: 'production', DATABASE_URL: databaseUrl } as const;
  const child = spawn(process.execPath, [command, 'migrate'], { env });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`migrate ended with ${code}:\n${said}`);
}

async function launch(port: number, variables: Variables) {
  await ensureBuilt();
  const fixed = { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' } as const;
  const env = { ...fixed, ...PATIENT, ...variables };
  const args = [join(WEB, 'server.mjs'), '-H', '127.0.0.1', '-p', String(port)];
  const child = spawn(process.execPath, args, { cwd: WEB, env });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (written.stdout += chunk));
  child.stderr.on('data', (chunk) => (written.stderr += chunk));
  return { child, written };
}

async function answers(origin: string): Promise<boolean> {
  const health = await fetch(`${origin}/api/health`).catch(() => null);
  return health?.ok ?? false;
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  const giveUp = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(giveUp);
  return child.exitCode;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
