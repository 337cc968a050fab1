import type { RedisClient } from '../types/index.ts';

/** Keys in one command. */
const MOST = 200;

/** A read whose reply is to come. */
class Waiting {
  resolve!: (value: unknown) => void;
  reject!: (error: unknown) => void;
  readonly reply = new Promise<unknown>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

type Batch = Map<string, Waiting>;

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

  #get(key: string): Promise<unknown> {
    const batch = this.#open ?? this.#begin();
    const known = batch.get(key);
    if (known !== undefined) return known.reply;
    const waiting = new Waiting();
    batch.set(key, waiting);
    if (batch.size >= MOST) this.#open = null;
    return waiting.reply;
  }

  #begin(): Batch {
    const batch: Batch = new Map();
    setImmediate(() => {
      if (this.#open === batch) this.#open = null;
      void this.#answer(batch);
    });
    this.#open = batch;
    return batch;
  }

  async #answer(batch: Batch): Promise<void> {
    try {
      const replies = await this.#send([...batch.keys()]);
      let place = 0;
      for (const { resolve } of batch.values()) resolve(replies[place++]);
    } catch (error) {
      for (const { reject } of batch.values()) reject(error);
    }
  }

  /** A key of another type reads as nothing beside others, and is refused when it is alone. */
  async #send(keys: readonly string[]): Promise<readonly unknown[]> {
    if (keys.length === 1) return [await this.#client.sendCommand(['GET', ...keys])];
    const replies = await this.#client.sendCommand(['MGET', ...keys]);
    if (Array.isArray(replies) && replies.length === keys.length) return replies;
    throw new TypeError(`MGET of ${keys.length} keys did not answer as many`);
  }
}
