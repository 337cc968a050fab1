import { createClient, ErrorReply } from '@redis/client';
import type { PushFeed, PushSource, RedisClient } from '../types/index.ts';
import { monotonicClock } from './clock.ts';
import { RedisPushes } from './redis-pushes.ts';

/** Everything that a connection to one node is made with. */
export type LinkOptions = NonNullable<Parameters<typeof createClient>[0]>;

/** Where the master is, asked before each connection. */
export type FindMaster = () => Promise<LinkOptions>;

/** Longest wait for a connection, in milliseconds. */
export const CONNECT = 200;
/** A link that has been silent for so long is dead; a PING goes every second. */
const PING_EVERY = 1_000;
export const SILENT_FOR = 2_500;

/** Between two tries to connect: from 50 ms, doubling, up to a second, with jitter. Goes on for ever. */
const FIRST_RETRY = 50;
const LAST_RETRY = 1_000;
/** A connection that held so long is made anew at once: one late reply says nothing against Redis. */
const STEADY = 1_000;

/**
 * What each connection is opened with: nothing is queued while it is down, so nothing is replayed. No
 * limit of the driver's own: it leaves a timer of 5 s behind each command, answered or not, and whoever
 * asks has a limit.
 */
export const LINK_DEFAULTS = {
  RESP: 3,
  disableOfflineQueue: true,
  commandOptions: { timeout: 0 },
  pingInterval: PING_EVERY,
} as const;

type Client = ReturnType<typeof createClient>;

/** Whether an error is Redis's own word: it works, it only said no. */
export function isRedisReply(error: unknown): boolean {
  return error instanceof ErrorReply;
}

/**
 * One connection to one master, made anew whenever it breaks.
 *
 * Knows the run id of the master before anybody may use it, and asks where the master is before
 * each connection, so that a failover is followed and a replica never taken for a master.
 */
export class RedisLink implements RedisClient, PushSource {
  readonly #findMaster: FindMaster;
  readonly #random: () => number;
  readonly #probeKey: () => string;
  readonly #pushes = new RedisPushes();
  #client: Client | null = null;
  #runId: string | null = null;
  #retry: NodeJS.Timeout | null = null;
  #tries = 0;
  #connectedAt = 0;
  #closed = false;
  #waiting: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();

  /** @param probeKey - Names a key of its own, another one each time. */
  constructor(findMaster: FindMaster, random: () => number, probeKey: () => string) {
    this.#findMaster = findMaster;
    this.#random = random;
    this.#probeKey = probeKey;
    void this.#connect();
  }

  /** Calls back after each new connection; answers how to stop that. */
  onConnected(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onChange(listener: (key: string) => void): () => void {
    return this.#pushes.onChange(listener);
  }

  feedOf(): PushFeed | null {
    return this.#client === null ? null : this.#pushes.feedOf(this.#client);
  }

  /** The run id of the master that the next command goes to; `null` while there is none. */
  get runId(): string | null {
    return this.#runId;
  }

  sendCommand(args: string[]): Promise<unknown> {
    if (this.#client === null || this.#runId === null) {
      return Promise.reject(new Error('there is no connection to Redis'));
    }
    return this.#client.sendCommand(args);
  }

  /** Gives the connection up, with whatever is still to come on it, and makes another. */
  reset(): void {
    const client = this.#client;
    this.#client = null;
    this.#runId = null;
    if (client === null) return;
    this.#pushes.disconnected(client);
    client.destroy();
    this.#connectLater(monotonicClock.now() - this.#connectedAt >= STEADY ? 0 : FIRST_RETRY);
  }

  /** Whether there is a connection, after at most this long. */
  async ready(withinMs: number): Promise<boolean> {
    if (this.#runId !== null) return true;
    // Whoever waits keeps the process alive: a program that does nothing else must not end here.
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
    return this.#runId !== null;
  }

  close(): void {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.reset();
  }

  async #connect(): Promise<void> {
    let client: Client | null = null;
    try {
      client = this.#open(await this.#findMaster());
      await client.connect();
      const runId = await masterRunId(client);
      if (this.#closed) return client.destroy();
      this.#client = client;
      this.#runId = runId;
      this.#pushes.connected(client, sendOn(client), this.#probeKey);
      this.#tries = 0;
      this.#connectedAt = monotonicClock.now();
      for (const resolve of this.#waiting.splice(0)) resolve();
      for (const listener of this.#listeners) listener();
    } catch {
      if (client?.isOpen) client.destroy();
      this.#connectLater(FIRST_RETRY);
    }
  }

  #open(options: LinkOptions): Client {
    const socket = { ...options.socket, connectTimeout: CONNECT, socketTimeout: SILENT_FOR };
    const client = createClient({
      ...LINK_DEFAULTS,
      ...options,
      clientSideCache: this.#pushes.door,
      socket: { ...socket, reconnectStrategy: false },
    } as LinkOptions);
    const broken = (): void => {
      if (this.#client === client) this.reset();
    };
    return client.on('error', broken).on('end', broken);
  }

  #connectLater(first: number): void {
    if (this.#closed || this.#retry !== null) return;
    const wait = this.#tries === 0 ? first : Math.min(FIRST_RETRY * 2 ** this.#tries, LAST_RETRY);
    this.#tries = Math.min(this.#tries + 1, 10);
    this.#retry = setTimeout(
      () => {
        this.#retry = null;
        void this.#connect();
      },
      wait * (0.5 + this.#random() / 2),
    ).unref();
  }
}

/** A way to speak on this very connection. */
export function sendOn(client: RedisClient): (args: string[]) => Promise<unknown> {
  return (args) => client.sendCommand(args);
}

/** @throws when the node is not a master. */
export async function masterRunId(client: RedisClient): Promise<string> {
  const [role, info] = await Promise.all([
    client.sendCommand(['ROLE']),
    client.sendCommand(['INFO', 'server']),
  ]);
  if (!Array.isArray(role) || String(role[0]) !== 'master') throw new Error('this is not a master');
  const [, runId] = /^run_id:(\w+)/m.exec(String(info)) ?? [];
  if (runId === undefined) throw new Error('Redis did not tell its run id');
  return runId;
}
