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
const SILENT_FOR = 2_500;

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
const LINK_DEFAULTS = {
  RESP: 3,
  disableOfflineQueue: true,
  commandOptions: { timeout: 0 },
  pingInterval: PING_EVERY,
} as const;

type Client = ReturnType<typeof createClient>;

/** Between two looks whether it is still the same master, in milliseconds. */
const IDENTIFY_EVERY = 1_000;

/** Whether an error is Redis's own word: it works, it only said no. */
export function isRedisReply(error: unknown): boolean {
  return error instanceof ErrorReply;
}

/**
 * One connection to one master, made anew whenever it breaks.
 *
 * Knows the name of the master before anybody may use it, and asks where the master is before each
 * connection, so that a failover is followed and a replica never taken for a master. A connection outlives a
 * master that becomes a replica and a master again: so the name is asked for again, and another one ends
 * the connection.
 */
export class RedisLink implements RedisClient, PushSource {
  readonly #findMaster: FindMaster;
  readonly #random: () => number;
  readonly #probeKey: () => string;
  readonly #pushes = new RedisPushes();
  #client: Client | null = null;
  #name: string | null = null;
  readonly #watch: NodeJS.Timeout;
  /** The connection that has been asked for its name and has not answered. */
  #asked: Client | null = null;
  #retry: NodeJS.Timeout | null = null;
  #tries = 0;
  #connectedAt = 0;
  #closed = false;
  #waiting: (() => void)[] = [];

  /** @param probeKey - Names a key of its own, another one each time. */
  constructor(findMaster: FindMaster, random: () => number, probeKey: () => string) {
    this.#findMaster = findMaster;
    this.#random = random;
    this.#probeKey = probeKey;
    this.#watch = setInterval(() => void this.#identify(), IDENTIFY_EVERY).unref();
    void this.#connect();
  }

  onChange(listener: (key: string) => void): () => void {
    return this.#pushes.onChange(listener);
  }

  feedOf(): PushFeed | null {
    return this.#client === null ? null : this.#pushes.feedOf(this.#client);
  }

  /** The name of the master that the next command goes to; `null` while there is none. */
  get master(): string | null {
    return this.#name;
  }

  sendCommand(args: string[]): Promise<unknown> {
    if (this.#client === null || this.#name === null) {
      return Promise.reject(new Error('there is no connection to Redis'));
    }
    return this.#client.sendCommand(args);
  }

  /** Gives the connection up, with whatever is still to come on it, and makes another. */
  reset(): void {
    const client = this.#client;
    this.#client = null;
    this.#name = null;
    if (client === null) return;
    this.#pushes.disconnected(client);
    client.destroy();
    this.#connectLater(monotonicClock.now() - this.#connectedAt >= STEADY ? 0 : FIRST_RETRY);
  }

  /** Whether there is a connection, after at most this long. */
  async ready(withinMs: number): Promise<boolean> {
    if (this.#name !== null) return true;
    // Whoever waits keeps the process alive: a program that does nothing else must not end here.
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
    return this.#name !== null;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#watch);
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.reset();
  }

  async #connect(): Promise<void> {
    let client: Client | null = null;
    try {
      client = this.#open(await this.#findMaster());
      await client.connect();
      const name = await masterName(client);
      if (this.#closed) return client.destroy();
      this.#client = client;
      this.#name = name;
      this.#pushes.connected(client, sendOn(client), this.#probeKey);
      this.#tries = 0;
      this.#connectedAt = monotonicClock.now();
      for (const resolve of this.#waiting.splice(0)) resolve();
    } catch {
      if (client?.isOpen) client.destroy();
      this.#connectLater(FIRST_RETRY);
    }
  }

  async #identify(): Promise<void> {
    const client = this.#client;
    // What is written to a dead connection would keep it from being found silent.
    if (client === null || this.#asked === client) return;
    this.#asked = client;
    // What keeps it from answering is seen by whoever waits for an answer; `null` is no master any more.
    const name = await masterName(client).catch((error) => (isNoMaster(error) ? null : this.#name));
    if (this.#asked === client) this.#asked = null;
    if (this.#client === client && name !== this.#name) this.reset();
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
function sendOn(client: RedisClient): (args: string[]) => Promise<unknown> {
  return (args) => client.sendCommand(args);
}

/** The node is a replica, or does not say what it is. */
class NoMasterError extends Error {}

function isNoMaster(error: unknown): boolean {
  return error instanceof NoMasterError;
}

/**
 * What a master goes by: its run id, which changes with every restart, and the id of its history, which
 * changes when it is promoted and when it takes over another's.
 *
 * @throws {NoMasterError}
 */
async function masterName(client: RedisClient): Promise<string> {
  const [server, replication] = await Promise.all([
    client.sendCommand(['INFO', 'server']),
    client.sendCommand(['INFO', 'replication']),
  ]);
  const runId = /^run_id:(\w+)/m.exec(String(server))?.[1];
  const history = /^master_replid:(\w+)/m.exec(String(replication))?.[1];
  if (!/^role:master/m.test(String(replication)) || runId === undefined || history === undefined) {
    throw new NoMasterError('this is not a master, or it does not say which');
  }
  return `${runId}:${history}`;
}
