import { keyNames } from '../policy/key-names.ts';
import { within } from '../tiers/deadline.ts';
import type { Deployment, KeyNames, KeyNamesSource } from '../types/index.ts';

/** Between two questions while nobody has answered, in milliseconds. */
const EVERY = 500;

/** Names the keys of this deployment as soon as PostgreSQL has said which it is. */
export class DeploymentNames implements KeyNamesSource {
  readonly #read: () => Promise<Deployment>;
  readonly #prefix: string;
  #names: KeyNames | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  /** @param read - Asks PostgreSQL. */
  constructor(read: () => Promise<Deployment>, prefix: string) {
    this.#read = read;
    this.#prefix = prefix;
  }

  current(): KeyNames | null {
    return this.#names;
  }

  /** Asks now, and again until there is an answer. Waits for the first try, at most so long. */
  async learn(withinMs: number): Promise<void> {
    const asked = this.#ask();
    await within(withinMs, 'postgres', 'deployment', asked).catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    try {
      this.#names = keyNames(await this.#read(), this.#prefix);
    } catch {
      if (!this.#closed) this.#timer = setTimeout(() => void this.#ask(), EVERY).unref();
    }
  }
}
