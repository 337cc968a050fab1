import { createCluster } from '@redis/client';
import calculateSlot from 'cluster-key-slot';
import type { FastStoreMasters, PushFeed, PushSource, RedisClient } from '../types/index.ts';
import { SessionStoreUnavailableError } from '../types/index.ts';
import type { RedisAddress } from './redis-address.ts';
import { CONNECT, LINK_DEFAULTS, masterRunId, SILENT_FOR, sendOn } from './redis-link.ts';
import { RedisPushes } from './redis-pushes.ts';

type ClusterAddress = Extract<RedisAddress, { shape: 'cluster' }>;
type Cluster = ReturnType<typeof clusterOf>;
type Node = Cluster['masters'][number];

/** Where a command goes that has no key. */
const ANY = 'any';

/** How many keys are tried to find one that a master owns. */
const MOST_TRIES = 200;

/** Between two tries to connect to one node, in milliseconds. */
const RETRY = 250;

/**
 * A Redis Cluster: each command goes to the master that owns its key; a run id is known for each
 * master, and forgotten as soon as its connection breaks.
 */
export class RedisClusterLink implements RedisClient, FastStoreMasters, PushSource {
  readonly #cluster: Cluster;
  readonly #pushes = new RedisPushes();
  readonly #probeKey: () => string;
  /** The run id of each master, by the client that told it: a new connection has to be asked anew. */
  readonly #runIds = new WeakMap<object, string>();
  #connecting: Promise<void> | null = null;
  #closed = false;

  /** @param probeKey - Names a key of its own, another one each time. */
  constructor(address: ClusterAddress, probeKey: () => string) {
    this.#probeKey = probeKey;
    this.#cluster = clusterOf(address, this.#pushes);
    this.#cluster.on('error', () => undefined);
    void this.#connect();
  }

  async sendCommand(args: string[]): Promise<unknown> {
    if (!this.#cluster.isOpen) throw new Error('there is no connection to the Redis cluster');
    const key = keyOf(args);
    return await this.#cluster.sendCommand(key, false, args);
  }

  /** Calls back when some node is connected anew; answers how to stop that. */
  onConnected(listener: () => void): () => void {
    this.#cluster.on('node-ready', listener);
    return () => this.#cluster.off('node-ready', listener);
  }

  onChange(listener: (key: string) => void): () => void {
    return this.#pushes.onChange(listener);
  }

  /**
   * One for all masters: while a slot is on its way another master than the key's own answers, and
   * only that one tells of what it answered.
   */
  feedOf(): PushFeed | null {
    const { masters } = this.#cluster;
    if (masters.length === 0) return null;
    return this.#pushes.feedOfAll(masters.map(({ client }) => client));
  }

  /** The address of the master that owns the key of a command; commands without a key share one. */
  laneOf(args: readonly string[]): string {
    const key = keyOf(args);
    if (key === undefined) return ANY;
    return this.#cluster.slots[calculateSlot(key)]?.master.address ?? ANY;
  }

  /** Of a node that is no master any more there is nothing to wait for. */
  async ping(lane: string): Promise<unknown> {
    const node = this.#cluster.masters.find(({ address }) => address === lane);
    if (node === undefined) return await this.sendCommand(['TIME']);
    return await (await this.#cluster.nodeClient(node)).sendCommand(['PING']);
  }

  async present(): Promise<string[]> {
    try {
      if (!this.#cluster.isOpen) await this.#connect();
      const masters = this.#cluster.masters;
      if (masters.length === 0) throw new Error('the cluster has no master');
      return await Promise.all(masters.map((node) => this.#runIdOf(node)));
    } catch (cause) {
      throw new SessionStoreUnavailableError('redis', 'masters', cause);
    }
  }

  ownerOf(key: string): string | null {
    const master = this.#cluster.slots[calculateSlot(key)]?.master;
    const client = master?.client;
    return client?.isReady ? (this.#runIds.get(client) ?? null) : null;
  }

  async ready(withinMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#connect(), late]);
    clearTimeout(timer);
    return this.#cluster.isOpen && this.#cluster.masters.length > 0;
  }

  /** Also what is being connected: destroyed too early, it would go on by itself. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#connecting;
    if (this.#cluster.isOpen) this.#cluster.destroy();
  }

  async #runIdOf(node: Node): Promise<string> {
    const client = await this.#cluster.nodeClient(node);
    const known = this.#runIds.get(client);
    if (known !== undefined && client.isReady) return known;
    const runId = await masterRunId(client);
    this.#runIds.set(client, runId);
    this.#pushes.connected(client, sendOn(client), () => this.#probeKeyOf(node));
    // The same client reconnects by itself: then it may speak to a restarted master.
    const broken = (): void => {
      client.off('reconnecting', broken).off('end', broken);
      this.#runIds.delete(client);
      this.#pushes.disconnected(client);
    };
    client.on('reconnecting', broken).on('end', broken);
    return runId;
  }

  /** A master that owns no slot, or next to none, gets a key of another's, and proves nothing. */
  #probeKeyOf({ address }: Node): string {
    let key = this.#probeKey();
    for (let tries = 1; tries < MOST_TRIES && this.laneOf(['GET', key]) !== address; tries += 1) {
      key = this.#probeKey();
    }
    return key;
  }

  /** `connect` gives up when no root node answers; it is tried again at the next need. */
  #connect(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#cluster.isOpen && this.#connecting === null) return Promise.resolve();
    this.#connecting ??= this.#cluster
      .connect()
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        this.#connecting = null;
      });
    return this.#connecting;
  }
}

function clusterOf({ access, nodes }: ClusterAddress, pushes: RedisPushes) {
  return createCluster({
    RESP: 3,
    clientSideCache: pushes.door,
    rootNodes: nodes.map(({ host, port }) => ({ socket: { host, port } })),
    defaults: {
      ...LINK_DEFAULTS,
      ...(access.username === undefined ? {} : { username: access.username }),
      ...(access.password === undefined ? {} : { password: access.password }),
      socket: {
        ...(access.tls ? { tls: true as const } : {}),
        connectTimeout: CONNECT,
        socketTimeout: SILENT_FOR,
        reconnectStrategy: () => RETRY,
      },
    },
  });
}

/** The key of the commands that we send: `GET key`, `DEL key`, `EVALSHA sha 1 key`; others have none. */
function keyOf(args: readonly string[]): string | undefined {
  const [command, first, , third] = args;
  if (command === 'EVAL' || command === 'EVALSHA') return third;
  return command === 'TIME' || command === 'INFO' ? undefined : first;
}
