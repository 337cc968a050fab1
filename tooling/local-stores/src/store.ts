import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Guard, openGuard } from './guard.ts';
import type { StoreProcess } from './store-process.ts';

/** What can be done to a store's process. */
export interface StoreControls {
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

/** A private store on a loopback port of its own. */
export interface Store extends StoreControls {
  readonly url: string;
  readonly port: number;
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

export function controlsOf(server: StoreProcess, home: Home): StoreControls {
  return {
    start: () => server.start(),
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    close: () => home.guard.release(),
  };
}

interface Closable {
  close(): Promise<void>;
}

/** Waits for all of them; when one fails, closes the others and throws what it threw. */
export async function startTogether<const T extends readonly Promise<Closable>[]>(starts: T) {
  const settled = await Promise.allSettled(starts);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed === undefined) return Promise.all(starts);

  await closeTogether(settled.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])));
  throw failed.reason;
}

export async function closeTogether(all: readonly Closable[]): Promise<void> {
  await Promise.all(all.map((each) => each.close()));
}

/** Sets up what has been started; closes it if that fails. */
export async function settleIn<T>(
  started: readonly Closable[],
  setUp: () => Promise<T>,
): Promise<T> {
  try {
    return await setUp();
  } catch (error) {
    await closeTogether(started);
    throw error;
  }
}
