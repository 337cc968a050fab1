import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Belonging, sweep } from './sweep.js';

/** One thing that must not outlive this process. */
export interface Guard {
  /** Tells what there is now. Takes effect at once, also when this process dies in this instant. */
  update(belonging: Belonging): void;
  /** Ends and removes it now. */
  release(): Promise<void>;
}

/** Opens a guard; the first one of a process starts its watchdog. */
export function openGuard(): Guard {
  const key = randomUUID();
  let current: Belonging | null = null;

  return {
    update(belonging) {
      current = belonging;
      tell(key, belonging);
    },
    async release() {
      if (current === null) return;
      await sweep(current);
      current = null;
      tell(key, null);
    },
  };
}

/**
 * Ends a process together with this one, whatever ends this one (SIGKILL included).
 *
 * @param pid - A process that this one started.
 * @param signal - How to ask it to end; SIGKILL follows after 5 s.
 * @returns A function that ends it now.
 */
export function endWithUs(pid: number, signal: NodeJS.Signals): () => Promise<void> {
  const guard = openGuard();
  guard.update({ pid, signal, folder: null });
  return () => guard.release();
}

let watchdog: ChildProcessByStdio<Writable, null, null> | null = null;

function tell(key: string, belonging: Belonging | null): void {
  watchdog ??= startWatchdog();
  watchdog.stdin.write(`${JSON.stringify({ key, belonging })}\n`);
}

function startWatchdog(): ChildProcessByStdio<Writable, null, null> {
  const script = fileURLToPath(new URL('./watchdog.js', import.meta.url));
  const child = spawn(process.execPath, [script], {
    cwd: tmpdir(),
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}
