import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Guard, openGuard } from './guard.ts';

/** A private store on a loopback port of its own. */
export interface Store {
  readonly url: string;
  readonly port: number;
  /** Starts it again, on the same port and with the data that it has. */
  start(): Promise<void>;
  /** Stops it in good order. */
  stop(): Promise<void>;
  /** Ends it as a power cut would: SIGKILL for its process and every child. */
  kill(): Promise<void>;
  /** Freezes it: it keeps its connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** Ends it for good, running or not, and removes its folder. */
  close(): Promise<void>;
}

export interface Home {
  readonly folder: string;
  readonly guard: Guard;
}

/** A fresh folder that goes when this process does. */
export async function openHome(name: string): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), `local-${name}-`));
  const guard = openGuard();
  guard.update({ pid: null, signal: 'SIGTERM', folder });
  // The store may run as another user, who must be able to pass.
  await chmod(folder, 0o755);
  return { folder, guard };
}

/** Fills a home; empties it again if that fails. */
export async function moveIn<T>(home: Home, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    await home.guard.release();
    throw error;
  }
}
