import { randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';
import { type RedisStore, startProxy, startRedis, type TcpProxy } from '@repo/local-stores';
import { freshDatabaseUrl } from '@repo/local-stores/vitest';
import { vi } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import type { StoresPlan } from '../../src/factories/open-stores.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import type { SessionValidation, UserManager } from '../../src/types/index.ts';
import { METADATA, planOf, quiet, WEEK } from './support.ts';

/** A Redis and a database of its own, each also behind a proxy. */
export class NearStage {
  readonly #managers: UserManager[] = [];

  private constructor(
    readonly redis: RedisStore,
    readonly databaseUrl: string,
    readonly copiesLink: TcpProxy,
    readonly recordLink: TcpProxy,
    readonly admin: ReturnType<typeof newClient>,
  ) {}

  static async open(): Promise<NearStage> {
    const redis = await startRedis();
    const databaseUrl = await freshDatabaseUrl();
    await applyMigrations({ databaseUrl });
    const [copiesLink, recordLink] = await Promise.all([
      startProxy({ target: redis }),
      startProxy({ target: { port: Number(new URL(databaseUrl).port) } }),
    ]);
    const admin = newClient(redis.url);
    await admin.connect();
    return new NearStage(redis, databaseUrl, copiesLink, recordLink, admin);
  }

  /** A manager behind the proxies, as if in a process of its own. */
  near(change: Partial<StoresPlan> = {}): Promise<UserManager> {
    const { copiesLink, recordLink, databaseUrl, redis } = this;
    return this.#manager(recordLink.url(databaseUrl), copiesLink.url(redis.url), change);
  }

  /** Another process, which the proxies do not touch. */
  other(): Promise<UserManager> {
    return this.#manager(this.databaseUrl, this.redis.url, {});
  }

  async #manager(
    databaseUrl: string,
    redisUrl: string,
    change: Partial<StoresPlan>,
  ): Promise<UserManager> {
    const plan = { ...planOf(databaseUrl, redisUrl), ...change };
    const { manager } = await buildOnStores(plan, patient);
    this.#managers.push(manager);
    return manager;
  }

  /** Closes the managers; the stores and their data stay. */
  async rest(): Promise<void> {
    await Promise.all([this.copiesLink.heal(), this.recordLink.heal()]);
    await Promise.all(this.#managers.splice(0).map((manager) => manager.close()));
  }

  async close(): Promise<void> {
    await this.rest();
    await this.admin.close();
    await Promise.all([this.copiesLink.close(), this.recordLink.close()]);
    await this.redis.close();
  }
}

/** Links are cut on purpose here: that a store is away is told as a warning. */
const patient = { ...quiet, warn: () => undefined, error: () => undefined };

function newClient(url: string) {
  return createClient({ url });
}

export async function newUser(manager: UserManager): Promise<string> {
  const email = `${randomUUID()}@example.com`;
  return (await manager.create({ email, role: 'USER', isVerified: false })).id;
}

export async function logIn(manager: UserManager, userId?: string): Promise<string> {
  return manager.createSession(userId ?? (await newUser(manager)), METADATA, WEEK);
}

export const until = (check: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(check, { timeout: 15_000, interval: 5 });

/** The answer, if it was there without waiting for anybody: so answers a near copy and no store. */
export async function atOnce(
  manager: UserManager,
  sessionId: string,
): Promise<SessionValidation | null> {
  const lookup = manager.validateSession(sessionId);
  // Nobody may be waiting for it when it fails.
  lookup.catch(() => undefined);
  return await Promise.race([lookup, Promise.resolve(null)]);
}

/** Resolves once a lookup is answered by the near copy. */
export async function nearlyKept(manager: UserManager, sessionId: string): Promise<void> {
  await until(async () => {
    expectActive(await manager.validateSession(sessionId));
    expectActive(await atOnce(manager, sessionId));
  });
}

function expectActive(found: SessionValidation | null): void {
  if (found?.status !== 'active') throw new Error(`not active: ${JSON.stringify(found)}`);
}

export async function statusOf(manager: UserManager, sessionId: string): Promise<string> {
  return (await manager.validateSession(sessionId)).status;
}

/** Nothing comes back: none of a hundred lookups accepts. */
export async function staysEnded(manager: UserManager, sessionId: string): Promise<boolean> {
  for (let n = 0; n < 100; n += 1) {
    if ((await statusOf(manager, sessionId)) !== 'none') return false;
  }
  return true;
}
