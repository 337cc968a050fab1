import { type ChildProcess, execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Check } from '../../src/policy/diagnosis.ts';

const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  end: Promise<Run>;
}

/** Runs the built command with these variables and no others, to its end. */
export function command(args: string[], env: Record<string, string> = {}): Promise<Run> {
  return startCommand(args, env).end;
}

/** @param through - A program that runs it, with its arguments. */
export function startCommand(
  args: string[],
  env: Record<string, string> = {},
  through: string[] = [],
): Running {
  const [program = process.execPath, ...words] = [...through, process.execPath, COMMAND, ...args];
  const options = { env: { NODE_ENV: 'production', ...env }, timeout: 20_000 } as const;
  let tell: (run: Run) => void = () => undefined;
  const end = new Promise<Run>((resolve) => {
    tell = resolve;
  });
  const child = execFile(program, words, options, (error, stdout, stderr) => {
    tell({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
  });
  return { child, end };
}

/** What `doctor --json` found. */
export interface Diagnosis extends Run {
  ok: boolean;
  checks: Check[];
  /** The statuses of the checks of this name. */
  statusOf(name: string): string[];
  /** The names of all checks that are not ok. */
  notOk(): string[];
}

export async function doctor(
  env: Record<string, string>,
  through: string[] = [],
): Promise<Diagnosis> {
  const run = await startCommand(['doctor', '--json'], env, through).end;
  const { checks, ok } = JSON.parse(run.stdout) as { checks: Check[]; ok: boolean };
  return {
    ...run,
    ok,
    checks,
    statusOf: (name) => checks.filter((check) => check.name === name).map(({ status }) => status),
    notOk: () => checks.filter(({ status }) => status !== 'ok').map(({ name }) => name),
  };
}
