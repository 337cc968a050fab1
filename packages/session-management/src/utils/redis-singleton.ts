import {
  type FastStoreMasters,
  type PushSource,
  type RedisClient,
  SessionStoreUnavailableError,
} from '../types/index.ts';
import { newHandle, random } from './random.ts';
import { parseRedisAddress, type RedisAddress } from './redis-address.ts';
import { RedisClusterLink } from './redis-cluster.ts';
import { type LinkOptions, RedisLink } from './redis-link.ts';
import { askSentinels, masterOptions } from './redis-sentinel.ts';
import { type Lease, type Opened, Shared } from './shared.ts';

export interface RedisConnectionConfig {
  redisUrl: string;
  /** Stands before every key. */
  keyPrefix?: string | undefined;
}

/** The fast store of this process, whatever its shape. */
export interface RedisConnection {
  client: RedisClient;
  masters: FastStoreMasters;
  /** Tells of changes of what is read through `client`. */
  pushes: PushSource;
  /** Whether all keys lie on one node, so that one command may name several. */
  isOneNode: boolean;
  /** Whether there is a connection, after at most this long. */
  ready(withinMs: number): Promise<boolean>;
  /** Names the master that a command goes to. */
  laneOf(args: readonly string[]): string;
  /** A trivial round trip to that master. */
  ping(lane: string): Promise<unknown>;
  /** A reply was given up: what carries it must carry no other. */
  abandoned(lane: string): void;
}

/** A connection proves by such a key that it tells of changes. */
const probeKeys =
  (prefix = '') =>
  (): string =>
    `${prefix}sp:${newHandle()}`;

/** How often the sentinels are asked whether the master is still the one that we speak to. */
const LOOK_EVERY = 1_000;

const connections = new Shared<RedisConnectionConfig, RedisConnection>('redis', open);

/** The Redis connection of this configuration, one per process, for as long as a manager lives. */
export function leaseRedis({ keyPrefix, redisUrl }: RedisConnectionConfig): Lease<RedisConnection> {
  return connections.lease({ keyPrefix, redisUrl });
}

function open({ keyPrefix, redisUrl }: RedisConnectionConfig): Opened<RedisConnection> {
  const address = parseRedisAddress(redisUrl);
  const probeKey = probeKeys(keyPrefix);
  if (address.shape === 'cluster') return openCluster(new RedisClusterLink(address, probeKey));
  if (address.shape === 'sentinel') return openSentinel(address, probeKey);
  return openLink(new RedisLink(async () => ({ url: address.url }), random, probeKey));
}

function openLink(link: RedisLink): Opened<RedisConnection> {
  return {
    value: {
      client: link,
      pushes: link,
      isOneNode: true,
      masters: {
        present: async () => {
          const { master } = link;
          if (master === null) throw new SessionStoreUnavailableError('redis', 'masters');
          return { names: [master], isAll: true };
        },
        ownerOf: () => link.master,
      },
      ready: (withinMs) => link.ready(withinMs),
      laneOf: () => 'master',
      ping: () => link.sendCommand(['PING']),
      abandoned: () => link.reset(),
    },
    close: async () => link.close(),
  };
}

/** Also asks while all is well: an old master that lost its sentinels still answers. */
function openSentinel(
  address: Extract<RedisAddress, { shape: 'sentinel' }>,
  probeKey: () => string,
): Opened<RedisConnection> {
  let current = '';
  const find = async (): Promise<LinkOptions> => {
    const master = await askSentinels(address);
    current = `${master.host}:${master.port}`;
    return masterOptions(address, master);
  };
  const link = new RedisLink(find, random, probeKey);
  const look = async (): Promise<void> => {
    if (link.master === null) return;
    const named = await askSentinels(address).catch(() => null);
    if (named !== null && `${named.host}:${named.port}` !== current) link.reset();
  };
  const timer = setInterval(() => void look(), LOOK_EVERY).unref();

  const opened = openLink(link);
  return {
    ...opened,
    close: async () => {
      clearInterval(timer);
      await opened.close();
    },
  };
}

function openCluster(link: RedisClusterLink): Opened<RedisConnection> {
  return {
    value: {
      client: link,
      pushes: link,
      isOneNode: false,
      masters: link,
      ready: (withinMs) => link.ready(withinMs),
      laneOf: (args) => link.laneOf(args),
      ping: (lane) => link.ping(lane),
      abandoned: (lane) => link.abandoned(lane),
    },
    close: () => link.close(),
  };
}
