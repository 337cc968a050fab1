import { type RedisStore, startProxy, startRedis, type TcpProxy } from '@repo/local-stores';
import { freshDatabaseUrl } from '@repo/local-stores/vitest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import type { UserManager } from '../../src/types/index.ts';
import { METADATA, planOf, WEEK } from './support.ts';

const USERS = 100;
const WAVES = 25;
const LOOKUPS_A_WAVE = 200;

let redis: RedisStore;
let proxy: TcpProxy;
let manager: UserManager;

/** How many stores this process holds for down. */
let down = 0;

const logger = {
  debug: () => undefined,
  info: (message: string) => {
    if (message === 'store.healed') down -= 1;
  },
  warn: (message: string) => {
    if (message === 'store.degraded') down += 1;
  },
  error: () => undefined,
};

/** Until lookups go to Redis again: else the next wave would only try PostgreSQL. */
async function redisInUse(): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(down).toBe(0);
      expect((await manager.health()).propagation.trusted).toBe(true);
    },
    { timeout: 5_000, interval: 20 },
  );
}

beforeAll(async () => {
  redis = await startRedis();
  proxy = await startProxy({ target: redis });
  const databaseUrl = await freshDatabaseUrl();
  await applyMigrations({ databaseUrl });
  // Replies are given up early, so that late ones meet connections that are in use again.
  const plan = { ...planOf(databaseUrl, proxy.url(redis.url)), redisTimeout: 30 };
  manager = (await buildOnStores(plan, logger)).manager;
}, 60_000);

afterAll(async () => {
  await proxy?.heal();
  await manager?.close();
  await proxy?.close();
  await redis?.close();
});

/** What goes wrong during a wave, in turn. */
const TROUBLES: ((during: () => Promise<void>) => Promise<void>)[] = [
  async (during) => during(),
  async (during) => {
    proxy.delay(40, 30, 'toClient');
    await during();
  },
  async (during) => {
    proxy.swallowReplies(5);
    await during();
  },
  async (during) => {
    redis.pause();
    try {
      await during();
    } finally {
      redis.resume();
    }
  },
  async (during) => {
    proxy.slice(7);
    await during();
  },
];

describe('P1: five thousand lookups of a hundred users while replies are late, lost and in pieces', () => {
  it('show nobody as another, and sign nobody out', async () => {
    const owners = await Promise.all(
      Array.from({ length: USERS }, async (_, index) => {
        const email = `identity-${index}@example.com`;
        const user = await manager.create({ email, role: 'USER', isVerified: true });
        return { userId: user.id, sessionId: await manager.createSession(user.id, METADATA, WEEK) };
      }),
    );

    const found: { wanted: string; got: string | undefined }[] = [];
    const lookUp = async (index: number): Promise<void> => {
      const owner = owners[(index * 37) % USERS];
      if (owner === undefined) throw new Error('there are a hundred');
      const user = await manager.findBySessionId(owner.sessionId);
      found.push({ wanted: owner.userId, got: user?.id });
    };
    for (let wave = 0; wave < WAVES; wave += 1) {
      await redisInUse();
      await TROUBLES[wave % TROUBLES.length]?.(async () => {
        await Promise.all(Array.from({ length: LOOKUPS_A_WAVE }, (_, index) => lookUp(index)));
      });
      await proxy.heal();
    }

    expect(found).toHaveLength(WAVES * LOOKUPS_A_WAVE);
    expect(found.filter(({ wanted, got }) => wanted !== got)).toEqual([]);
  }, 60_000);
});
