import type { PushFeed } from '../types/index.ts';
import { monotonicClock } from './clock.ts';

/** Sends one command on the connection that the feed is about. */
export type Send = (args: string[]) => Promise<unknown>;

/** Between two PINGs, in milliseconds. */
const BEAT = 250;
/** How long after the sending of the last answered PING the connection counts as heard of. */
const HEARD_FOR = 1_000;
/** How long the key that a connection proves itself by lives at most, in milliseconds. */
const PROBE_LIFE = '1000';

/**
 * Whether one connection tells of every change of what was read on it (`CLIENT TRACKING`).
 *
 * Proven by a key of its own that it reads and changes, then kept alive by PINGs: replies and
 * pushes come in the order in which Redis sent them, so an answered PING says that nothing of
 * before is still to come. A link that is half open, a process that was stopped, a Redis that
 * refuses tracking: all end the same way, without a feed.
 */
export class RedisFeed {
  readonly #send: Send;
  readonly #probeKey: () => string;
  readonly #timer: NodeJS.Timeout;
  #feed: { heardUntil: number } | null = null;
  #probe: string | null = null;
  #probeTold = false;
  #asking = false;
  #closed = false;

  /** @param probeKey - A key of its own whose commands go to this connection; another one each time. */
  constructor(send: Send, probeKey: () => string) {
    this.#send = send;
    this.#probeKey = probeKey;
    this.#timer = setInterval(() => void this.#beat(), BEAT).unref();
    void this.#beat();
  }

  get current(): PushFeed | null {
    return this.#feed;
  }

  /** Redis told that a key has changed. */
  told(key: string): void {
    if (key === this.#probe) this.#probeTold = true;
  }

  /** Redis told that every key may have changed: what was read before is under a feed that has ended. */
  toldOfAll(): void {
    const feed = this.#feed;
    this.#end();
    if (feed !== null) this.#feed = { heardUntil: feed.heardUntil };
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#end();
  }

  async #beat(): Promise<void> {
    if (this.#asking || this.#closed) return;
    this.#asking = true;
    const sentAt = monotonicClock.now();
    try {
      if (this.#lapsed()) await this.#prove(sentAt);
      else await this.#listen(sentAt);
    } catch {
      // Refused or broken: without a feed, reads go on and nothing near is kept.
      this.#end();
    } finally {
      this.#asking = false;
    }
  }

  async #listen(sentAt: number): Promise<void> {
    await this.#send(['PING']);
    if (this.#lapsed()) this.#end();
    else if (this.#feed !== null) this.#feed.heardUntil = sentAt + HEARD_FOR;
  }

  async #prove(sentAt: number): Promise<void> {
    this.#end();
    this.#probeTold = false;
    const key = this.#probeKey();
    this.#probe = key;
    await Promise.all([
      this.#send(['CLIENT', 'TRACKING', 'ON']),
      this.#send(['GET', key]),
      this.#send(['SET', key, '', 'PX', PROBE_LIFE]),
      this.#send(['DEL', key]),
      this.#send(['PING']),
    ]);
    this.#probe = null;
    if (this.#probeTold && !this.#closed) this.#feed = { heardUntil: sentAt + HEARD_FOR };
  }

  #lapsed(): boolean {
    return this.#feed === null || monotonicClock.now() >= this.#feed.heardUntil;
  }

  #end(): void {
    if (this.#feed !== null) this.#feed.heardUntil = Number.NEGATIVE_INFINITY;
    this.#feed = null;
  }
}
