import { type Claim, claimsOf, moveSlot, ownerOf } from './cluster-slots.ts';
import { freeClusterPort } from './ports.ts';
import { type Log, type Programs, redisPrograms, toTerminal } from './programs.ts';
import { ask } from './redis-command.ts';
import { dataSettings, type RedisStore, startRedisServer } from './redis-server.ts';
import { closeTogether, openHome, settleIn, startTogether } from './store.ts';
import { runToEnd } from './store-process.ts';
import { until } from './until.ts';

const MASTERS = 3;
const NODE_TIMEOUT_MS = 2_000;

/** Three masters with one replica each. */
export interface ClusterStores {
  /** `redis+cluster://host:port,host:port,host:port`. */
  readonly url: string;
  readonly nodes: readonly RedisStore[];
  node(port: number): RedisStore;
  /**
   * The port of the master that serves a key's slot.
   *
   * @throws {Error} While none does.
   */
  masterOf(key: string): Promise<number>;
  /** Resolves with the port of the next master of a key's slot, once the cluster is whole again. */
  masterOtherThan(port: number, key: string): Promise<number>;
  /**
   * Moves the slot of a key, with all keys in it, to another master; answers the port of that.
   *
   * @param between - Runs while the keys are there and the slot is not: the old master then
   *   answers ASK.
   */
  moveSlot(key: string, between?: () => Promise<void>): Promise<number>;
  /** Resolves once every node that answers says that all slots are served. */
  whole(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a cluster on loopback and waits until a failover would succeed. */
export async function startCluster(options: { log?: Log } = {}): Promise<ClusterStores> {
  const programs = redisPrograms(options.log ?? toTerminal);
  const nodes = await startTogether(Array.from({ length: 2 * MASTERS }, () => startNode(programs)));
  return settleIn(nodes, async () => {
    await join(nodes);
    const cluster = new Cluster(nodes);
    await cluster.whole();
    await cluster.settled();
    return cluster;
  });
}

class Cluster implements ClusterStores {
  readonly url: string;
  readonly nodes: readonly RedisStore[];
  readonly #ports: readonly number[];

  constructor(nodes: readonly RedisStore[]) {
    this.nodes = nodes;
    this.#ports = nodes.map(({ port }) => port);
    const hosts = this.#ports.slice(0, MASTERS).map((port) => `127.0.0.1:${port}`);
    this.url = `redis+cluster://${hosts.join(',')}`;
  }

  node(port: number): RedisStore {
    const node = this.nodes.find((each) => each.port === port);
    if (node === undefined) throw new Error(`no node has port ${port}`);
    return node;
  }

  async masterOf(key: string): Promise<number> {
    return servedBy(await this.#slotOf(key), await claimsOf(this.#ports));
  }

  async masterOtherThan(port: number, key: string): Promise<number> {
    let master = port;
    await until(`the slot has a master other than ${port}`, async () => {
      master = await this.masterOf(key);
      return master !== port;
    });
    await this.whole();
    return master;
  }

  async moveSlot(key: string, between = () => Promise.resolve()): Promise<number> {
    const slot = await this.#slotOf(key);
    const claims = await claimsOf(this.#ports);
    const from = servedBy(slot, claims);
    const masters = claims.filter((each) => each.isMaster).map(({ port }) => port);
    const to = masters.find((port) => port !== from);
    if (to === undefined) throw new Error('there is no other master');
    await moveSlot({ slot, from, to, masters, between });
    return to;
  }

  async whole(): Promise<void> {
    await until('the cluster serves all slots', async () => {
      const infos = await Promise.allSettled(
        this.#ports.map((port) => ask(port, 'CLUSTER', 'INFO')),
      );
      const answers = infos.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
      return answers.length > 0 && answers.every((each) => String(each).includes('state:ok'));
    });
  }

  close(): Promise<void> {
    return closeTogether(this.nodes);
  }

  /** Resolves once every replica has its data and everybody knows every replica. */
  async settled(): Promise<void> {
    await until('all replicas follow and are known', async () => {
      const claims = await claimsOf(this.#ports);
      const infos = await Promise.all(this.#ports.map((port) => ask(port, 'INFO', 'replication')));
      const following = infos.filter((info) => String(info).includes('master_link_status:up'));
      const known = claims.filter(({ replicasKnown }) => replicasKnown === MASTERS);
      return following.length === MASTERS && known.length === this.nodes.length;
    });
  }

  async #slotOf(key: string): Promise<number> {
    for (const port of this.#ports) {
      const slot = await ask(port, 'CLUSTER', 'KEYSLOT', key).catch(() => null);
      if (slot !== null) return Number(slot);
    }
    throw new Error('no node answers');
  }
}

function servedBy(slot: number, claims: readonly Claim[]): number {
  const owner = ownerOf(slot, claims);
  if (owner === null) throw new Error(`no master serves slot ${slot}`);
  return owner;
}

async function startNode(programs: Programs): Promise<RedisStore> {
  return startRedisServer(programs, {
    port: await freeClusterPort(),
    settings: [
      ...dataSettings(programs),
      'cluster-enabled yes',
      'cluster-config-file nodes.conf',
      `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
      'repl-diskless-sync-delay 0',
    ],
  });
}

async function join(nodes: readonly RedisStore[]): Promise<void> {
  const file = nodes[0]?.cli ?? null;
  if (file === null) throw new Error('a cluster is made with redis-cli, which was not found');

  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const home = await openHome('cluster');
  try {
    await runToEnd(
      {
        name: 'redis-cli',
        file,
        args: ['--cluster', 'create', ...hosts, '--cluster-replicas', '1', '--cluster-yes'],
        folder: home.folder,
        user: null,
      },
      home.guard,
    );
  } finally {
    await home.guard.release();
  }
}
