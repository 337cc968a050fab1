import type { SessionEventHook } from '../types/index.ts';
import type { Once } from '../utils/once.ts';
import { processWide } from '../utils/shared.ts';
import type { BuiltManager, Closable } from './build-manager.ts';

/** One configuration's manager, and its views by realm. */
export interface Entry {
  built: Once<BuiltManager>;
  views: Map<string, Closable>;
  dropped: boolean;
  reused: boolean;
  /** The hook given last. */
  onEvent: SessionEventHook | undefined;
}

export interface FactoryState {
  entries: Map<string, Entry>;
  last: Closable | null;
  /** The entry of the environment alone, so that a request does not check the settings again. */
  ambient: { seen: string; entry: Entry } | null;
}

/** What this process keeps, whoever loaded this module how often. */
export function factoryState(): FactoryState {
  return processWide('factory', () => ({ entries: new Map(), last: null, ambient: null }));
}

/** A manager that somebody closed is no answer to who asks for one. */
export function forget(state: FactoryState, entry: Entry): void {
  entry.dropped = true;
  for (const [key, each] of state.entries) if (each === entry) state.entries.delete(key);
  if (state.ambient?.entry === entry) state.ambient = null;
}

export async function closeEntry({ built, views }: Entry): Promise<void> {
  try {
    const made = await built.current();
    await Promise.all([...views.values()].map((view) => view.close()));
    await made?.manager.close();
  } catch {
    // What could not be built has nothing to close.
  }
}
