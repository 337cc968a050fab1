import { createHash } from 'node:crypto';

/** What the registry opened, and how it ends. */
export interface Opened<T> {
  value: T;
  close(): Promise<void>;
}

/** A hold on a shared thing; the last release closes it, unless somebody took it for good. */
export interface Lease<T> {
  value: T;
  release(): Promise<void>;
}

interface Held<T> extends Opened<T> {
  leases: number;
  taken: boolean;
}

/**
 * One thing per configuration and process, however many modules, hot reloads or parallel first
 * calls ask for it. Lives on `globalThis`, because a bundler may load this module twice.
 */
export class Shared<Config extends object, T> {
  readonly #open: (config: Config) => Opened<T>;
  readonly #held: Map<string, Held<T>>;

  constructor(name: string, open: (config: Config) => Opened<T>) {
    this.#open = open;
    this.#held = processWide(name, () => new Map<string, Held<T>>());
  }

  /** The thing for good: only `dismiss` closes it. */
  take(config: Config): T {
    const held = this.#hold(config);
    held.taken = true;
    return held.value;
  }

  /** The thing for as long as the lease is held. */
  lease(config: Config): Lease<T> {
    const held = this.#hold(config);
    held.leases += 1;
    let released = false;
    return {
      value: held.value,
      release: async () => {
        if (released) return;
        released = true;
        held.leases -= 1;
        await this.#closeIfIdle(held);
      },
    };
  }

  /** Gives up what was taken, of one configuration or of all. What is leased closes with its last lease. */
  async dismiss(config?: Config): Promise<void> {
    const key = config === undefined ? null : fingerprint(config);
    const chosen = [...this.#held].filter(([its]) => key === null || its === key);
    await Promise.all(
      chosen.map(([, held]) => {
        held.taken = false;
        return this.#closeIfIdle(held);
      }),
    );
  }

  #hold(config: Config): Held<T> {
    const key = fingerprint(config);
    const known = this.#held.get(key);
    if (known) return known;
    const held: Held<T> = { ...this.#open(config), leases: 0, taken: false };
    this.#held.set(key, held);
    return held;
  }

  async #closeIfIdle(held: Held<T>): Promise<void> {
    if (held.taken || held.leases > 0) return;
    for (const [key, other] of this.#held) if (other === held) this.#held.delete(key);
    await held.close();
  }
}

/** The value under this name on `globalThis`, made at the first call. */
export function processWide<T>(name: string, make: () => T): T {
  const slots = globalThis as unknown as Record<symbol, T | undefined>;
  const slot = Symbol.for(`@repo/session-management/${name}`);
  const value = slots[slot] ?? make();
  slots[slot] = value;
  return value;
}

/** Names a configuration without keeping its secrets. Order of keys and absent keys make no difference. */
export function fingerprint(config: object): string {
  const entries = Object.entries(config)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('base64url');
}
