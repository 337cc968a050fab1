import { setTimeout as delay } from 'node:timers/promises';
import {
  type ClusterStores,
  type SentinelStores,
  startCluster,
  startSentinel,
  startStandby,
} from '@repo/local-stores';
import { type Fault, NO_RECORD, UNHARMED } from '../harness/fault.ts';
import { userKeys } from '../harness/keys.ts';
import type { Stage } from '../harness/stage.ts';
import type { FastStore } from '../harness/stage-options.ts';
import { twinOf } from '../harness/twin.ts';
import { endSome } from './redis.ts';

class Watched implements FastStore {
  readonly stores: SentinelStores;
  readonly url: string;

  constructor(stores: SentinelStores) {
    this.stores = stores;
    this.url = stores.url;
  }

  async masters(): Promise<number[]> {
    return [await this.stores.master()];
  }

  close(): Promise<void> {
    return this.stores.close();
  }
}

class Sharded implements FastStore {
  readonly stores: ClusterStores;
  readonly url: string;

  constructor(stores: ClusterStores) {
    this.stores = stores;
    this.url = stores.url;
  }

  masters(): Promise<number[]> {
    return Promise.resolve(this.stores.nodes.map(({ port }) => port));
  }

  close(): Promise<void> {
    return this.stores.close();
  }
}

const sentinel = { fastStore: async () => new Watched(await startSentinel()) } as const;
const cluster = { fastStore: async () => new Sharded(await startCluster()) } as const;

export const failover: Fault = {
  id: 'F-09 orderly',
  title: 'a replica is promoted by the sentinels',
  promise: 'nobody is signed out; what was revoked stays refused',
  allows: UNHARMED,
  options: sentinel,
  holdMs: 500,
  inject: async (stage) => void (await watchedBy(stage).failover()),
  heal: async () => undefined,
};

export const lostWrites: Fault = {
  id: 'F-09 lost writes',
  title: 'the replica that is promoted never heard of the latest revokes',
  promise: 'they are refused within F, at once with confirm, and never return',
  allows: UNHARMED,
  options: sentinel,
  holdMs: 500,
  inject: async (stage) => {
    const stores = watchedBy(stage);
    const old = await stores.master();
    const replicas = stores.nodes.filter(({ port }) => port !== old);
    await Promise.all(replicas.map(({ port }) => stores.stopReplication(port)));
    await endSome(stage);
    await stores.killMaster();
    await stores.masterOtherThan(old);
  },
  heal: async () => undefined,
};

export const splitBrain: Fault = {
  id: 'F-11',
  title: 'one process stays with the old master, the others go to the new one',
  promise: 'both sides refuse within F; nothing returns when they meet again',
  allows: UNHARMED,
  options: { proxied: true },
  inject: async (stage) => {
    const other = await twinOf(stage);
    for (const { redis } of stage.links.slice(1)) redis.retarget(other.port);
    stage.fastStore = { ...stage.fastStore, masters: () => Promise.resolve([other.port]) };
    await endSome(stage, 1);
  },
  heal: async (stage) => {
    const [port = 0] = await stage.fastStore.masters();
    stage.linksOf(0).redis.retarget(port);
  },
};

export const slotMoved: Fault = {
  id: 'F-12',
  title: 'slots of the cluster move while their keys are used',
  promise: 'nothing is noticed',
  allows: UNHARMED,
  options: cluster,
  holdMs: 0,
  inject: async (stage) => {
    const userKeyOf = await userKeys(stage);
    for (const userId of stage.recorder.users.slice(0, 5)) {
      await shardsOf(stage).moveSlot(userKeyOf(userId), () => delay(300));
    }
  },
  heal: async () => undefined,
};

export const shardLost: Fault = {
  id: 'F-13',
  title: 'a master of the cluster is killed; its replica takes over',
  promise: 'nobody is signed out; what was revoked stays refused',
  allows: UNHARMED,
  options: cluster,
  holdMs: 0,
  inject: async (stage) => {
    const stores = shardsOf(stage);
    const [userId = ''] = stage.recorder.users;
    const key = (await userKeys(stage))(userId);
    const port = await stores.masterOf(key);
    await stores.node(port).kill();
    await stores.masterOtherThan(port, key);
  },
  heal: async () => undefined,
};

export const promoted: Fault = {
  id: 'F-17 failover',
  title: 'PostgreSQL is killed and its synchronous standby promoted',
  promise: 'copied sessions go on; nothing acknowledged is lost',
  allows: NO_RECORD,
  options: { proxied: true },
  holdMs: 0,
  inject: async (stage) => {
    const standby = await startStandby(stage.postgres, { synchronous: true });
    stage.alsoClose(() => standby.close());
    await delay(1_000);
    await stage.postgres.kill();
    await delay(1_000);
    await standby.promote();
    stage.databaseUrl = standby.url;
    for (const { postgres } of stage.links) postgres.retarget(standby.port);
  },
  heal: async () => undefined,
};

function watchedBy({ fastStore }: Stage): SentinelStores {
  if (fastStore instanceof Watched) return fastStore.stores;
  throw new Error('this stage has no sentinels');
}

function shardsOf({ fastStore }: Stage): ClusterStores {
  if (fastStore instanceof Sharded) return fastStore.stores;
  throw new Error('this stage has no cluster');
}
