import { setTimeout as pause } from 'node:timers/promises';
import {
  type FastStoreMasters,
  type PresentMasters,
  type PushFeed,
  type PushSource,
  type RedisClient,
  SessionStoreUnavailableError,
} from '../types/index.ts';
import { monotonicClock } from './clock.ts';
import { askNode, inTime, SLOTS } from './cluster-nodes.ts';
import { random } from './random.ts';
import type { RedisAddress } from './redis-address.ts';
import { CONNECT, type LinkOptions, RedisLink } from './redis-link.ts';
import { type NodeAddress, nodeOf, redirectionOf, SlotMap } from './slot-map.ts';

type ClusterAddress = Extract<RedisAddress, { shape: 'cluster' }>;

/** Where a command goes that has no key. */
const ANY = 'any';
/** How many keys are tried to find one that a master owns. */
const MOST_TRIES = 200;
/** How often one command is sent elsewhere. */
const MOST_REDIRECTIONS = 3;
/** Between two questions which master owns what, in milliseconds. */
const LEARN_EVERY = 1_000;
/** The same at the start, while nobody has answered. */
const LEARN_AGAIN = 50;

/**
 * A Redis Cluster: a link of its own to each master, each of which connects, breaks and is known by itself.
 *
 * A command goes to the master that owns its key. Which that is is asked of any node that answers, at the
 * start, once a second, and when a master sends us elsewhere; each question has a limit of time, so that one
 * node that does not answer keeps back neither the others nor the end.
 */
export class RedisClusterLink implements RedisClient, FastStoreMasters, PushSource {
  readonly #address: ClusterAddress;
  readonly #probeKey: () => string;
  readonly #links = new Map<NodeAddress, RedisLink>();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #timer: NodeJS.Timeout;
  #map = SlotMap.empty;
  #learning: Promise<void> | null = null;
  #closed = false;

  /** @param probeKey - Names a key of its own, another one each time. */
  constructor(address: ClusterAddress, probeKey: () => string) {
    this.#address = address;
    this.#probeKey = probeKey;
    this.#timer = setInterval(() => void this.#learn(), LEARN_EVERY).unref();
    void this.#learn();
  }

  sendCommand(args: string[]): Promise<unknown> {
    return this.#send(args, 0);
  }

  /** While a slot is on its way another master answers for its keys: what it answered is not kept near. */
  feedOf(key: string): PushFeed | null {
    return this.#linkOf(key)?.feedOf() ?? null;
  }

  onChange(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    const stops = [...this.#links.values()].map((link) => link.onChange(listener));
    return () => {
      this.#listeners.delete(listener);
      for (const stop of stops) stop();
    };
  }

  /** The address of the master that owns the key of a command; commands without a key share one. */
  laneOf(args: readonly string[]): string {
    const key = keyOf(args);
    return key === undefined ? ANY : (this.#map.ownerOf(key) ?? ANY);
  }

  /** Of a node that is no master any more there is nothing to wait for. */
  async ping(lane: string): Promise<unknown> {
    return await (this.#links.get(lane) ?? this.#any()).sendCommand(['PING']);
  }

  abandoned(lane: string): void {
    this.#links.get(lane)?.reset();
  }

  async present(): Promise<PresentMasters> {
    const owners = [...this.#map.owners];
    const names = owners.flatMap((address) => this.#links.get(address)?.master ?? []);
    if (names.length === 0) throw new SessionStoreUnavailableError('redis', 'masters');
    return { names, isAll: names.length === owners.length };
  }

  ownerOf(key: string): string | null {
    return this.#linkOf(key)?.master ?? null;
  }

  /** Whether some master answers, after at most this long: until all do. */
  async ready(withinMs: number): Promise<boolean> {
    const until = monotonicClock.now() + withinMs;
    await this.#learn();
    while (this.#map === SlotMap.empty && monotonicClock.now() < until && !this.#closed) {
      await pause(LEARN_AGAIN);
      await this.#learn();
    }
    const left = Math.max(0, until - monotonicClock.now());
    await Promise.all([...this.#links.values()].map((link) => link.ready(left)));
    return [...this.#links.values()].some(({ master }) => master !== null);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#learning;
    for (const link of this.#links.values()) link.close();
  }

  async #send(args: string[], redirections: number): Promise<unknown> {
    const key = keyOf(args);
    const address = key === undefined ? undefined : (this.#map.ownerOf(key) ?? undefined);
    const link = address === undefined ? this.#any() : this.#linkTo(address);
    try {
      return await link.sendCommand(args);
    } catch (error) {
      const { host } = nodeOf(address ?? '');
      const redirection = redirectionOf(error, host);
      if (redirection === null || key === undefined || redirections >= MOST_REDIRECTIONS)
        throw error;
      const next = this.#linkTo(redirection.address);
      // Whoever is late costs the link of the one that was asked: so for this once nobody is waited for.
      if (redirection.kind === 'ASK') return await this.#askThere(next, key, args);
      await next.ready(CONNECT);
      this.#map = this.#map.with(key, redirection.address);
      void this.#learn();
      return await this.#send(args, redirections + 1);
    }
  }

  /** One connection, so the two arrive one after the other. Only the key's own link would tell of a change. */
  async #askThere(link: RedisLink, key: string, args: string[]): Promise<unknown> {
    const [, reply] = await Promise.all([link.sendCommand(['ASKING']), link.sendCommand(args)]);
    for (const listener of this.#listeners) listener(key);
    return reply;
  }

  #linkOf(key: string): RedisLink | undefined {
    return this.#links.get(this.#map.ownerOf(key) ?? '');
  }

  #any(): RedisLink {
    for (const link of this.#links.values()) if (link.master !== null) return link;
    throw new Error('there is no connection to the Redis cluster');
  }

  #linkTo(address: NodeAddress): RedisLink {
    const known = this.#links.get(address);
    if (known !== undefined) return known;
    if (this.#closed) throw new Error('the connection to the Redis cluster is closed');
    const options = this.#optionsOf(address);
    const link = new RedisLink(
      async () => options,
      random,
      () => this.#probeKeyOf(address),
    );
    for (const listener of this.#listeners) link.onChange(listener);
    this.#links.set(address, link);
    return link;
  }

  #learn(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#learning ??= this.#learnOnce().finally(() => {
      this.#learning = null;
    });
    return this.#learning;
  }

  /** Asks one node after the other, those that are known to answer first. */
  async #learnOnce(): Promise<void> {
    const answering = [...this.#links].filter(([, { master }]) => master !== null);
    for (const [address, link] of answering) {
      const reply = await inTime(link.sendCommand([...SLOTS]));
      if (this.#heed(reply, address)) return;
    }
    const rest = this.#address.nodes.map(({ host, port }) => `${host}:${port}`);
    for (const address of new Set([...rest, ...this.#links.keys()])) {
      if (this.#closed) return;
      if (this.#heed(await askNode(this.#optionsOf(address)), address)) return;
    }
  }

  /** Follows what a node has said; whether it said anything. */
  #heed(reply: unknown, address: NodeAddress): boolean {
    if (this.#closed || !Array.isArray(reply) || reply.length === 0) return false;
    this.#map = SlotMap.from(reply, nodeOf(address).host);
    const { owners } = this.#map;
    for (const owner of owners) this.#linkTo(owner);
    for (const [known, link] of this.#links) {
      if (owners.has(known)) continue;
      this.#links.delete(known);
      link.close();
    }
    return true;
  }

  /** A master that owns no slot, or next to none, gets a key of another's, and proves nothing. */
  #probeKeyOf(address: NodeAddress): string {
    let key = this.#probeKey();
    for (let tries = 1; tries < MOST_TRIES && this.#map.ownerOf(key) !== address; tries += 1) {
      key = this.#probeKey();
    }
    return key;
  }

  #optionsOf(address: NodeAddress): LinkOptions {
    const { password, tls, username } = this.#address.access;
    const node = nodeOf(address);
    return {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      socket: tls ? { ...node, tls: true } : node,
    };
  }
}

/** The key of the commands that we send: `GET key`, `DEL key`, `EVALSHA sha 1 key`; others have none. */
function keyOf(args: readonly string[]): string | undefined {
  const [command, first, , third] = args;
  if (command === 'EVAL' || command === 'EVALSHA') return third;
  return command === 'TIME' || command === 'INFO' ? undefined : first;
}
