import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './ports.ts';
import { Faults } from './proxy-faults.ts';
import { type Circumstances, type Counts, Link } from './proxy-link.ts';

const LOOPBACK = '127.0.0.1';
const MOST_CONNECTIONS = 1_000;

export type Direction = 'toServer' | 'toClient' | 'both';

export interface ProxyStats extends Readonly<Counts> {
  /** Connections now. */
  readonly open: number;
}

/**
 * A TCP proxy that hurts on purpose. Faults add up until {@link TcpProxy.heal}; each takes effect at
 * once, also on the connections that there are.
 */
export interface TcpProxy {
  readonly port: number;
  /** The same URL, through the proxy. */
  url(storeUrl: string): string;
  /** Bytes that come from now on take `ms`, and up to `jitterMs` more, in each direction named. */
  delay(ms: number, jitterMs?: number, direction?: Direction): void;
  /** Hands on at most so many bytes at a time. */
  slice(bytes: number, direction?: Direction): void;
  /**
   * A link that went half-open: connections stay, new ones are accepted, nothing passes, not even
   * an end. What was held passes when it heals.
   */
  freeze(direction?: Direction): void;
  /** RST for each connection; new ones are refused. */
  cut(): void;
  /** RST for each connection; new ones are welcome. */
  reset(): void;
  /** Drops the next chunks that the server sends, on whatever connections. */
  swallowReplies(count: number): void;
  /**
   * Once: hands on the next request that contains the text, and when the server answers cuts that
   * connection in place of the answer. The server carries the request out. Other connections live.
   */
  cutAfterRequestContaining(text: string): void;
  /** Ends every fault; after {@link TcpProxy.cut} it listens again, on the same port. */
  heal(): Promise<void>;
  /** Leads new connections to another loopback port, and resets those that there are. */
  retarget(port: number): void;
  stats(): ProxyStats;
  /** Ends it for good with all its connections. */
  close(): Promise<void>;
}

/** Starts a healthy proxy in front of a loopback port. It does not keep this process alive. */
export async function startProxy(options: {
  readonly target: { readonly port: number };
}): Promise<TcpProxy> {
  const port = await freePort();
  const proxy = new FaultyProxy(port, options.target.port);
  await proxy.heal();
  return proxy;
}

class FaultyProxy implements TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #around: Circumstances = {
    toServer: new Faults(),
    toClient: new Faults(),
    counts: { accepted: 0, bytesToServer: 0, bytesToClient: 0, swallowed: 0, lostAnswers: 0 },
    lostRequest: null,
  };
  #target: number;

  constructor(port: number, target: number) {
    this.port = port;
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.unref();
  }

  url(storeUrl: string): string {
    const url = new URL(storeUrl);
    url.hostname = LOOPBACK;
    url.port = String(this.port);
    return url.href;
  }

  delay(ms: number, jitterMs = 0, direction: Direction = 'both'): void {
    for (const faults of this.#faults(direction)) Object.assign(faults, { delayMs: ms, jitterMs });
  }

  slice(bytes: number, direction: Direction = 'both'): void {
    if (bytes < 1) throw new RangeError('a slice has at least one byte');
    for (const faults of this.#faults(direction)) faults.sliceBytes = bytes;
  }

  freeze(direction: Direction = 'both'): void {
    for (const faults of this.#faults(direction)) faults.freeze();
  }

  cut(): void {
    this.#server.close();
    this.reset();
  }

  reset(): void {
    for (const link of this.#links) link.reset();
  }

  swallowReplies(count: number): void {
    this.#around.toClient.swallow = count;
  }

  cutAfterRequestContaining(text: string): void {
    this.#around.lostRequest = { text };
  }

  async heal(): Promise<void> {
    for (const faults of this.#faults('both')) faults.heal();
    this.#around.lostRequest = null;
    if (this.#server.listening) return;
    this.#server.listen(this.port, LOOPBACK);
    await once(this.#server, 'listening');
  }

  retarget(port: number): void {
    this.#target = port;
    this.reset();
  }

  stats(): ProxyStats {
    return { ...this.#around.counts, open: this.#links.size };
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const faults of this.#faults('both')) faults.heal();
    for (const link of this.#links) link.destroy();
    await Promise.all([...this.#links].map((link) => link.closed));
  }

  #accept(client: Socket): void {
    this.#around.counts.accepted++;
    const server = connect({ host: LOOPBACK, port: this.#target, allowHalfOpen: true });
    const link = new Link(client, server, this.#around);
    this.#links.add(link);
    void link.closed.then(() => this.#links.delete(link));
  }

  #faults(direction: Direction): Faults[] {
    const { toServer, toClient } = this.#around;
    if (direction === 'both') return [toServer, toClient];
    return [direction === 'toServer' ? toServer : toClient];
  }
}
