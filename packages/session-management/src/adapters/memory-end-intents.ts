import type { EndIntent, EndIntents } from '../types/index.ts';

/** Ends that the record could not take, in the memory of this process. */
export class MemoryEndIntents implements EndIntents {
  readonly #intents = new Map<string, EndIntent>();

  async add(intent: EndIntent): Promise<void> {
    this.#intents.set(`${intent.realm} ${intent.digest}`, intent);
  }

  async list(limit: number): Promise<EndIntent[]> {
    return [...this.#intents.values()].slice(0, limit);
  }

  async remove({ digest, realm }: EndIntent): Promise<void> {
    this.#intents.delete(`${realm} ${digest}`);
  }
}
