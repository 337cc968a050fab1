import { freePort } from './ports.ts';
import { type Log, type Programs, redisPrograms, toTerminal } from './programs.ts';
import { ask, fieldsOf, untilSays } from './redis-command.ts';
import { dataSettings, type RedisStore, startRedisServer } from './redis-server.ts';
import { closeTogether, settleIn, startTogether } from './store.ts';
import { until } from './until.ts';

const MASTER_NAME = 'mymaster';
const REPLICAS = 2;
const SENTINELS = 3;
const QUORUM = 2;
const DOWN_AFTER_MS = 500;
const FAILOVER_TIMEOUT_MS = 5_000;
/** Nobody may listen there: discard, and only root could. */
const DEAD_PORT = 9;

/** One master, two replicas and the three sentinels that watch them. */
export interface SentinelStores {
  /** `redis+sentinel://host:port,host:port,host:port/master-name`. */
  readonly url: string;
  readonly masterName: string;
  /** The master of the start, then its replicas. */
  readonly nodes: readonly RedisStore[];
  readonly sentinels: readonly RedisStore[];
  node(port: number): RedisStore;
  /** The port of the node that most sentinels name as master now, down or not. */
  master(): Promise<number>;
  /** Kills the master; answers its port. The sentinels notice after 500 ms. */
  killMaster(): Promise<number>;
  /** Resolves with the port of the new master once most sentinels name it and it says so itself. */
  masterOtherThan(port: number): Promise<number>;
  /** Promotes a replica though the master works; answers the port of the new master. */
  failover(): Promise<number>;
  /**
   * Makes a replica follow nobody that is there: it keeps what it has, and what the master is told
   * from now on is lost if it is promoted within 5 s (later it no longer may be). The sentinels
   * set it right after 8 s and more.
   */
  stopReplication(port: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts them all on loopback and waits until a failover would succeed. */
export async function startSentinel(options: { log?: Log } = {}): Promise<SentinelStores> {
  const programs = redisPrograms(options.log ?? toTerminal);
  const nodes = await startNodes(programs);
  const [first] = nodes;
  const sentinels = await settleIn(nodes, () => startSentinels(programs, first.port));
  const stores = new Sentinels(nodes, sentinels);
  await settleIn([stores], () => stores.settled());
  return stores;
}

class Sentinels implements SentinelStores {
  readonly url: string;
  readonly masterName = MASTER_NAME;
  readonly nodes: readonly RedisStore[];
  readonly sentinels: readonly RedisStore[];

  constructor(nodes: readonly RedisStore[], sentinels: readonly RedisStore[]) {
    this.nodes = nodes;
    this.sentinels = sentinels;
    const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`);
    this.url = `redis+sentinel://${hosts.join(',')}/${MASTER_NAME}`;
  }

  node(port: number): RedisStore {
    const node = this.nodes.find((each) => each.port === port);
    if (node === undefined) throw new Error(`no data node has port ${port}`);
    return node;
  }

  async master(): Promise<number> {
    const answers = await Promise.allSettled(
      this.sentinels.map((each) =>
        ask(each.port, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME),
      ),
    );
    const named = answers.flatMap((each) =>
      each.status === 'fulfilled' && Array.isArray(each.value) ? Number(each.value[1]) : [],
    );
    const master = named.find((port) => named.filter((other) => other === port).length >= QUORUM);
    if (master === undefined) throw new Error('the sentinels do not agree on a master');
    return master;
  }

  async killMaster(): Promise<number> {
    const port = await this.master();
    await this.node(port).kill();
    return port;
  }

  async masterOtherThan(port: number): Promise<number> {
    let master = port;
    await until(`there is a master other than ${port}`, async () => {
      master = await this.master();
      return master !== port && String(await ask(master, 'ROLE')).startsWith('master');
    });
    return master;
  }

  async failover(): Promise<number> {
    const master = await this.master();
    const [sentinel] = this.sentinels;
    await untilSays(sentinel?.port ?? 0, 'OK', 'SENTINEL', 'FAILOVER', MASTER_NAME);
    return this.masterOtherThan(master);
  }

  async stopReplication(port: number): Promise<void> {
    await ask(port, 'REPLICAOF', '127.0.0.1', String(DEAD_PORT));
    await untilSays(port, 'master_link_status:down', 'INFO', 'replication');
  }

  close(): Promise<void> {
    return closeTogether([...this.sentinels, ...this.nodes]);
  }

  /** Resolves once the replicas follow and every sentinel knows all the others. */
  async settled(): Promise<void> {
    for (const replica of this.nodes.slice(1)) {
      await untilSays(replica.port, 'master_link_status:up', 'INFO', 'replication');
    }
    for (const { port } of this.sentinels) {
      await until(`sentinel ${port} knows everybody`, async () => {
        const fields = fieldsOf(await ask(port, 'SENTINEL', 'MASTER', MASTER_NAME));
        const others = Number(fields.get('num-other-sentinels'));
        return others === SENTINELS - 1 && Number(fields.get('num-slaves')) === REPLICAS;
      });
    }
  }
}

async function startNodes(programs: Programs) {
  const settings = dataSettings(programs);
  const master = await startRedisServer(programs, { port: await freePort(), settings });
  const follow = async () =>
    startRedisServer(programs, {
      port: await freePort(),
      settings: [...settings, `replicaof 127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay 0'],
    });
  return settleIn([master], async () => {
    const replicas = await startTogether([follow(), follow()]);
    return [master, ...replicas] as const;
  });
}

function startSentinels(programs: Programs, master: number) {
  const start = async () =>
    startRedisServer(programs, {
      port: await freePort(),
      settings: [
        `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master} ${QUORUM}`,
        `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${MASTER_NAME} ${FAILOVER_TIMEOUT_MS}`,
        `sentinel parallel-syncs ${MASTER_NAME} ${REPLICAS}`,
      ],
      args: ['--sentinel'],
    });
  return startTogether(Array.from({ length: SENTINELS }, start));
}
