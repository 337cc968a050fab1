import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ChangeFeed, Logger } from '../types/index.ts';

export interface ChangeFeedOptions {
  logger?: Logger | undefined;
  /** A number from 0 up to 1: spreads the reconnects of many processes. 0.5 unless told. */
  random?: (() => number) | undefined;
}

const CHANGES = 'session_changes';

/** All in milliseconds. */
const CONNECT = 2_000;
const PROOF = 2_000;
const PROVE_EVERY = 10_000;
const FIRST_RETRY = 100;
const SLOWEST_RETRY = 2_000;

/**
 * `LISTEN`, on a connection of its own.
 *
 * Every 10 s it notifies itself. It is proven while the last of these came back within 2 s from
 * the very backend that it is connected to: a pooler in transaction mode, which loses notices
 * while a connection is idle, gives connections ids of its own and never passes.
 *
 * @param databaseUrl - The database itself rather than a pooler.
 */
export class PostgresChangeFeed implements ChangeFeed {
  readonly #databaseUrl: string;
  readonly #options: ChangeFeedOptions;

  constructor(databaseUrl: string, options: ChangeFeedOptions = {}) {
    this.#databaseUrl = databaseUrl;
    this.#options = options;
  }

  /** `onChange` is also called when the feed comes to be proven: what came before may be missed. It must not throw. */
  listen(onChange: () => void): { close(): Promise<void>; isProven(): boolean } {
    const line = new Line(this.#databaseUrl, onChange, this.#options);
    const running = line.run();
    return {
      isProven: () => line.proven,
      close: () => {
        line.stop();
        return running;
      },
    };
  }
}

/** One listener: connections one after the other, until it is stopped. */
class Line {
  proven = false;
  readonly #databaseUrl: string;
  readonly #onChange: () => void;
  readonly #options: ChangeFeedOptions;
  readonly #stopped = new AbortController();
  #failures = 0;

  constructor(databaseUrl: string, onChange: () => void, options: ChangeFeedOptions) {
    this.#databaseUrl = databaseUrl;
    this.#onChange = onChange;
    this.#options = options;
  }

  stop(): void {
    this.#stopped.abort();
  }

  async run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#connectOnce().catch((error: unknown) => this.#lost(error));
      await pause(this.#backoff(), signal);
    }
  }

  /** Ends, by an error, when the connection does. Owns the socket, since a half-open one outlives `end`. */
  async #connectOnce(): Promise<void> {
    const socket = new Socket();
    const cut = (): void => void socket.destroy();
    this.#stopped.signal.addEventListener('abort', cut);
    try {
      await this.#serve(this.#clientOn(socket), socket);
    } finally {
      this.proven = false;
      this.#stopped.signal.removeEventListener('abort', cut);
      cut();
    }
  }

  #clientOn(socket: Socket): pg.Client {
    const client = new pg.Client({
      connectionString: this.#databaseUrl,
      stream: () => socket,
      connectionTimeoutMillis: CONNECT,
      query_timeout: PROOF,
      keepAlive: true,
      application_name: 'session-management feed',
    });
    // A connection that breaks also closes the socket, which is where it is seen.
    client.on('error', () => undefined);
    return client;
  }

  async #serve(client: pg.Client, socket: Socket): Promise<void> {
    const closed = new AbortController();
    socket.once('close', () => closed.abort());
    await client.connect();

    const backend = backendOf(client);
    const proofs = `session_proof_${backend ?? 'none'}`;
    let returned = false;
    client.on('notification', ({ channel, processId }) => {
      if (channel === CHANGES) this.#onChange();
      else if (processId === backend) returned = true;
    });
    await client.query(`LISTEN ${CHANGES}`);
    await client.query(`LISTEN ${proofs}`);
    this.#failures = 0;

    while (!closed.signal.aborted) {
      returned = false;
      // PostgreSQL gives a session its own notices before it reports the statement as done.
      await client.query(`NOTIFY ${proofs}`);
      this.#prove(returned);
      await pause(PROVE_EVERY, closed.signal);
    }
  }

  #prove(proven: boolean): void {
    const before = this.proven;
    this.proven = proven;
    if (proven && !before) this.#onChange();
  }

  #lost(error: unknown): void {
    this.#failures += 1;
    if (this.#stopped.signal.aborted) return;
    // Neither message nor cause: they may name hosts.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    this.#options.logger?.debug('feed.lost', { failures: this.#failures, code });
  }

  /** From half of it to all of it: 100 ms, doubling up to 2 s. */
  #backoff(): number {
    const random = this.#options.random?.() ?? 0.5;
    const longest = Math.min(FIRST_RETRY * 2 ** Math.min(this.#failures, 10), SLOWEST_RETRY);
    return longest * (0.5 + random / 2);
  }
}

/** The id that the server gave this connection when it began; its driver does not declare it. */
function backendOf(client: pg.Client): number | null {
  const id = 'processID' in client ? client.processID : null;
  return typeof id === 'number' ? id : null;
}

/** Waits, or until the signal comes. Keeps no process alive. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
