import { BasicPooledClientSideCache } from '@redis/client';
import type { PushFeed } from '../types/index.ts';
import { RedisFeed, type Send } from './redis-feed.ts';

/**
 * Where the pushes of all connections to one fast store arrive, and which of them can be relied on.
 *
 * Nobody listens, nothing is asked of Redis: connections begin to track with the first listener.
 */
export class RedisPushes {
  /** Given to each client, which hands its pushes to it. */
  readonly door: PushDoor = new PushDoor((key) => this.#arrived(key));
  readonly #listeners = new Set<(key: string) => void>();
  readonly #connections = new Map<object, { send: Send; probeKey: () => string }>();
  readonly #feeds = new Map<object, RedisFeed>();

  onChange(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    for (const connection of this.#connections.keys()) this.#begin(connection);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      for (const connection of this.#connections.keys()) this.#end(connection);
    };
  }

  /** A connection can be spoken on. */
  connected(connection: object, send: Send, probeKey: () => string): void {
    this.disconnected(connection);
    this.#connections.set(connection, { send, probeKey });
    if (this.#listeners.size > 0) this.#begin(connection);
  }

  /** What it should have told from now on is lost. */
  disconnected(connection: object): void {
    this.#end(connection);
    this.#connections.delete(connection);
  }

  feedOf(connection: object): PushFeed | null {
    return this.#feeds.get(connection)?.current ?? null;
  }

  #begin(connection: object): void {
    const known = this.#connections.get(connection);
    if (known === undefined || this.#feeds.has(connection)) return;
    this.#feeds.set(connection, new RedisFeed(known.send, known.probeKey));
  }

  #end(connection: object): void {
    this.#feeds.get(connection)?.close();
    this.#feeds.delete(connection);
  }

  /** Which connection it came on is not said, so all of them heed it. */
  #arrived(key: string | null): void {
    if (key === null) {
      for (const feed of this.#feeds.values()) feed.toldOfAll();
      return;
    }
    for (const feed of this.#feeds.values()) feed.told(key);
    for (const listener of this.#listeners) listener(key);
  }
}

/**
 * What the client takes for a cache of its own and tells of every push. It keeps nothing, and does
 * not switch tracking on at the handshake: a Redis that refuses tracking must not refuse us.
 */
class PushDoor extends BasicPooledClientSideCache {
  readonly #arrived: (key: string | null) => void;

  constructor(arrived: (key: string | null) => void) {
    super({ maxEntries: 0 });
    this.#arrived = arrived;
  }

  override trackingOn(): ['PING'] {
    return ['PING'];
  }

  override invalidate(key: { toString(): string } | null): void {
    this.#arrived(key === null ? null : key.toString());
  }
}
