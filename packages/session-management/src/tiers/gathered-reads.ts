import type { RedisClient } from '../types/index.ts';

/** Keys in one command. */
const MOST = 200;

interface Batch {
  /** Where each key's value stands in the reply. */
  places: Map<string, number>;
  replies: Promise<readonly unknown[]>;
}

/**
 * A Redis client whose reads travel together: `GET`s that arrive in one turn of the event loop
 * become one `MGET`. For stores whose keys all lie on one node.
 *
 * A read is joined only until it is sent, so each caller's reply was read after its call.
 */
export class GatheredReads implements RedisClient {
  readonly #client: RedisClient;
  #open: Batch | null = null;

  constructor(client: RedisClient) {
    this.#client = client;
  }

  sendCommand(args: string[]): Promise<unknown> {
    const [command, key] = args;
    const isRead = command === 'GET' && key !== undefined;
    return isRead ? this.#get(key) : this.#client.sendCommand(args);
  }

  async #get(key: string): Promise<unknown> {
    const batch = this.#open ?? this.#begin();
    const place = batch.places.get(key) ?? batch.places.size;
    batch.places.set(key, place);
    if (batch.places.size >= MOST) this.#open = null;
    return (await batch.replies)[place];
  }

  #begin(): Batch {
    const places = new Map<string, number>();
    const replies = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      if (this.#open === batch) this.#open = null;
      return this.#send([...places.keys()]);
    });
    const batch: Batch = { places, replies };
    this.#open = batch;
    return batch;
  }

  /** A key of another type reads as nothing beside others, and is refused when it is alone. */
  async #send(keys: readonly string[]): Promise<readonly unknown[]> {
    if (keys.length === 1) return [await this.#client.sendCommand(['GET', ...keys])];
    const replies = await this.#client.sendCommand(['MGET', ...keys]);
    if (Array.isArray(replies) && replies.length === keys.length) return replies;
    throw new TypeError(`MGET of ${keys.length} keys did not answer as many`);
  }
}
