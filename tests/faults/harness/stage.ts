import { setTimeout as delay } from 'node:timers/promises';
import { type Stores, startPgBouncer, startProxy } from '@repo/local-stores';
import type pg from 'pg';
import { Application } from './application.ts';
import type { Outcome } from './history.ts';
import { startMigrated } from './migrated-stores.ts';
import { doorOf, PACKAGE } from './package.ts';
import { areTrusting, carrierOf } from './propagation.ts';
import { Random } from './random.ts';
import { type Call, digestOf, type Issued, Recorder } from './recorder.ts';
import type { FastStore, Links, StageOptions, StartOptions } from './stage-options.ts';
import { redisCommand, sql, waitFor } from './stores.ts';

const SET_ROLE = 'UPDATE "User" SET "role" = $1::"UserRole" WHERE "id" = $2';
const REVOKE =
  'UPDATE sessions."Session" SET "revokedAt" = now() WHERE "digest" = sessions.digest_named($1)';

/** A link whose ends died in the wrong moment may never tell its proxy that it is closed. */
const CLOSING = 2_000;

/** Private stores, application processes over them, and the book of what they answered. */
export class Stage {
  readonly recorder = new Recorder();
  readonly random: Random;
  readonly applications: Application[] = [];
  readonly links: Links[] = [];
  readonly stores: Stores;
  readonly options: StageOptions;
  /** Where the record is now. */
  databaseUrl: string;
  fastStore: FastStore;
  #poolerUrl: string | undefined;
  readonly #belongings: (() => Promise<unknown>)[] = [];

  constructor(stores: Stores, seed: number, options: StageOptions) {
    this.stores = stores;
    this.databaseUrl = stores.databaseUrl;
    this.fastStore = alone(stores.redis);
    this.random = new Random(seed);
    this.options = options;
  }

  static async open(seed: number, options: StageOptions = {}): Promise<Stage> {
    const stores = await startMigrated();
    const stage = new Stage(stores, seed, options);
    try {
      await stage.#openPooler();
      if (options.fastStore !== undefined) stage.fastStore = await options.fastStore();
      await stage.#startProcesses();
      await stage.#populate();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  get packageFolder(): string {
    return this.options.packageFolder ?? PACKAGE;
  }

  get postgres(): Stores['postgres'] {
    return this.stores.postgres;
  }

  get redis(): Stores['redis'] {
    return this.stores.redis;
  }

  /** Starts the process of this place, or starts it again. */
  async startProcess(place: number, options: StartOptions = {}): Promise<Application> {
    const { packageFolder = this.packageFolder, under } = options;
    const links = this.links[place];
    const { databaseUrl } = this;
    const redisUrl = this.fastStore.url;
    const application = await Application.start({
      name: `process ${place}`,
      databaseUrl: this.#poolerUrl ?? links?.postgres.url(databaseUrl) ?? databaseUrl,
      redisUrl: links?.redis.url(redisUrl) ?? redisUrl,
      env: { PACKAGE_DOOR: doorOf(packageFolder), ...this.options.env },
      under,
    });
    this.applications[place] = application;
    return application;
  }

  async link(): Promise<void> {
    if (this.options.proxied !== true) return;
    const { postgres, redis } = this.stores;
    this.links.push({
      postgres: await startProxy({ target: postgres }),
      redis: await startProxy({ target: redis }),
    });
  }

  process(place: number): Application {
    const application = this.applications[place];
    if (application === undefined) throw new Error(`there is no process ${place}`);
    return application;
  }

  /** One recorded call. */
  call(process: number, call: Call): Promise<Outcome> {
    return this.recorder.run(this.applications, process, call);
  }

  /** Gives a user a role, as in psql. */
  setRole(userId: string, role: string): Promise<void> {
    const change = () => this.sql(SET_ROLE, [role, userId]);
    return this.recorder.byHand({ verb: 'setRole', userId, role }, change);
  }

  /** Ends a session, as in psql. */
  revoke(session: Issued): Promise<void> {
    const change = () => this.sql(REVOKE, [digestOf(session)]);
    return this.recorder.byHand({ verb: 'delete', session }, change);
  }

  /** Statements on PostgreSQL by the driver itself, past every proxy. */
  sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return sql<Row>(this.databaseUrl, text, values);
  }

  /** One command on the single Redis by the driver itself, past every proxy. */
  redisCommand(...args: string[]): Promise<unknown> {
    return redisCommand(this.stores.redisUrl, args);
  }

  linksOf(place: number): Links {
    const links = this.links[place];
    if (links === undefined) throw new Error(`process ${place} has no proxies`);
    return links;
  }

  /** Ends something together with the stage. */
  alsoClose(end: () => Promise<unknown>): void {
    this.#belongings.push(end);
  }

  async close(): Promise<void> {
    await Promise.all(this.applications.map((application) => application.kill()));
    const proxies = this.links.flatMap(({ postgres, redis }) => [postgres.close(), redis.close()]);
    await Promise.race([Promise.all(proxies), delay(CLOSING, undefined, { ref: false })]);
    await Promise.all(this.#belongings.map((end) => end()));
    await Promise.all([this.fastStore.close(), this.stores.stop()]);
  }

  async #openPooler(): Promise<void> {
    const { pooler } = this.options;
    if (pooler === undefined) return;
    const bouncer = await startPgBouncer(this.databaseUrl, pooler);
    this.alsoClose(() => bouncer.close());
    this.#poolerUrl = bouncer.url;
  }

  /** What is confirmed before the fast store counts would be read anew, so nobody signs in before. */
  async #startProcesses(): Promise<void> {
    const { firstCarries = false, processes = 3 } = this.options;
    const places = Array.from({ length: processes }, (_none, place) => place);
    for (const _place of places) await this.link();
    if (firstCarries) {
      await this.startProcess(0);
      await waitFor(async () => (await carrierOf(this)) === 0);
    }
    const others = firstCarries ? places.slice(1) : places;
    await Promise.all(others.map((place) => this.startProcess(place)));
    await waitFor(() => areTrusting(this));
  }

  async #populate(): Promise<void> {
    const { users = 40 } = this.options;
    for (let number = 0; number < users; number += 1) {
      const email = `user-${number}@example.com`;
      const { outcome } = await this.process(0).call('newUser', { email });
      if (outcome.kind !== 'ack') throw new Error(`no user could be made: ${outcome.kind}`);
      const userId = String(outcome.value);
      this.recorder.users.push(userId);
      await this.recorder.byHand({ verb: 'setRole', userId, role: 'USER' }, async () => undefined);
    }
    const turns = this.recorder.users.values();
    await Promise.all(this.applications.map((_application, place) => this.#signIn(place, turns)));
  }

  /** One call at a time for each process: a crowd would find Redis too slow to keep the copies. */
  async #signIn(process: number, users: Iterable<string>): Promise<void> {
    const { sessionsPerUser = 4 } = this.options;
    for (const userId of users) {
      for (let session = 0; session < sessionsPerUser; session += 1) {
        await this.call(process, { verb: 'create', userId, ttl: 3_600 });
      }
    }
  }
}

function alone({ port, url }: Stores['redis']): FastStore {
  return { url, masters: () => Promise.resolve([port]), close: () => Promise.resolve() };
}
