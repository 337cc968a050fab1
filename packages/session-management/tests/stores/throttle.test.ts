import { type RedisStore, startRedis } from '@repo/local-stores';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { DEFAULT_LOG_IN_LIMITS, localLimits } from '../../src/policy/log-in-limits.ts';
import { guess, times } from '../../src/testing/guesses.ts';
import type { Logger, LogInAttempt, UserManager } from '../../src/types/index.ts';
import { namesOn } from '../postgres/database.ts';
import { openStores, planOf, quiet, type Stores } from './support.ts';

const LIMITS = DEFAULT_LOG_IN_LIMITS;
const HOME = '203.0.113.7';

const fromEverywhere = (count: number, account: string): LogInAttempt[] =>
  Array.from({ length: count }, (_none, index) => ({
    account,
    ip: `198.18.${index >> 8}.${index & 255}`,
  }));

let stores: Stores;
let managers: UserManager[];
let numbers = 0;
const newAccount = (): string => `Ann.Smith+${++numbers}@example.org`;

beforeAll(async () => {
  stores = await openStores();
  managers = [await stores.manager(), await stores.manager(), await stores.manager()];
});
afterAll(() => stores.close());

/** The same attempts, dealt out to all processes. */
async function guessEverywhere(attempts: readonly LogInAttempt[]) {
  const hands = managers.map((manager, place) =>
    guess(
      manager,
      attempts.filter((_attempt, index) => index % managers.length === place),
    ),
  );
  const told = await Promise.all(hands);
  return {
    evaluated: told.reduce((sum, { evaluated }) => sum + evaluated, 0),
    throttled: told.reduce((sum, { throttled }) => sum + throttled, 0),
  };
}

describe('attempts counted in Redis', () => {
  it('are no more than the limit, of 200 at once in three processes', async () => {
    const tries = times(200, { account: newAccount(), ip: HOME });
    const { most } = LIMITS.accountAndNetwork;
    expect(await guessEverywhere(tries)).toEqual({ evaluated: most, throttled: 200 - most });
  });

  it('are no more than the limit, of 2000 from 1000 addresses on one account', async () => {
    const account = newAccount();
    const { most } = LIMITS.account;
    const told = { evaluated: 0, throttled: 0 };
    for (let round = 0; round < 2; round += 1) {
      const { evaluated, throttled } = await guessEverywhere(fromEverywhere(1_000, account));
      told.evaluated += evaluated;
      told.throttled += throttled;
    }
    expect(told).toEqual({ evaluated: most, throttled: 2_000 - most });
  });

  it('are no more than the limit, of one password over 1000 accounts', async () => {
    const { most } = LIMITS.network;
    const tries = Array.from({ length: 1_000 }, () => ({ account: newAccount(), ip: '192.0.2.9' }));
    expect(await guessEverywhere(tries)).toEqual({ evaluated: most, throttled: 1_000 - most });
  });

  it('have keys that end by themselves, name nobody and belong to nothing else', async () => {
    await stores.redis.flushDb();
    const account = newAccount();
    const [manager] = managers;
    await manager?.guardLogIn({ account, ip: HOME }, async () => ({}));
    await manager?.guardSignUp({ account, ip: HOME }, async () => 1);
    await guessEverywhere(times(3, { account, ip: '192.0.2.77' }));
    const keys = await stores.redis.keys('*');

    const { attempts } = await namesOn(stores.databaseUrl);
    const kinds = ['account', 'accountAndNetwork', 'known', 'network', 'network', 'signUp'];
    expect(keys.map((key) => key.slice(0, key.lastIndexOf(':'))).sort()).toEqual(
      kinds.map(attempts),
    );
    for (const key of keys) {
      expect(key).toMatch(/:[\w-]{43}$/);
      expect(await stores.redis.pTTL(key)).toBeGreaterThan(0);
      expect(await stores.redis.get(key)).toMatch(/^\d$/);
    }
  });

  it('leave no key behind for names that are tried at a network that is stopped', async () => {
    const ip = '192.0.2.10';
    const spray = (count: number) =>
      Array.from({ length: count }, () => ({ account: newAccount(), ip }));
    await guessEverywhere(spray(LIMITS.network.most));
    const before = await stores.redis.dbSize();
    await guessEverywhere(spray(500));
    expect(await stores.redis.dbSize()).toBe(before);
  });
});

describe('without Redis', () => {
  const local = localLimits(LIMITS);
  let redis: RedisStore;
  let manager: UserManager;
  const lines: string[] = [];
  const note = (message: string): void => {
    if (message.startsWith('throttle.')) lines.push(message);
  };
  const logger: Logger = { ...quiet, info: note, warn: note };
  const signIn = (account: string) =>
    manager.guardLogIn({ account, ip: HOME }, async () => ({ account }));

  beforeAll(async () => {
    redis = await startRedis();
    const plan = { ...planOf(stores.databaseUrl, redis.url), redisTimeout: 200 };
    ({ manager } = await buildOnStores(plan, logger));
  });
  afterAll(async () => {
    await manager.close();
    await redis.close();
  });

  it.each([
    ['killed', async () => redis.kill(), async () => redis.start()],
    ['frozen', async () => redis.pause(), async () => redis.resume()],
  ])(
    '%s: each process goes by half of each limit, and lets in who has the password',
    async (_how, breakIt, mend) => {
      const owner = newAccount();
      await signIn(owner);
      await breakIt();

      const { most } = local.accountAndNetwork;
      const tries = times(200, { account: newAccount(), ip: '192.0.2.20' });
      expect(await guess(manager, tries)).toEqual({ evaluated: most, throttled: 200 - most });
      const stranger = newAccount();
      const everywhere = await guess(manager, fromEverywhere(200, stranger));
      expect(everywhere.evaluated).toBe(local.account.most);

      await guess(manager, fromEverywhere(200, owner));
      expect(await signIn(owner)).not.toBeNull();
      expect(await signIn(newAccount())).not.toBeNull();
      expect(lines.filter((line) => line === 'throttle.degraded').length).toBeLessThanOrEqual(1);

      await mend();
      await expect
        .poll(() => manager.health(), { timeout: 10_000 })
        .toMatchObject({
          stores: { copies: { reachable: true } },
        });
      const { most: shared } = LIMITS.accountAndNetwork;
      await expect
        .poll(
          async () => {
            const anew = times(200, {
              account: newAccount(),
              ip: `192.0.2.${30 + (numbers % 200)}`,
            });
            return (await guess(manager, anew)).evaluated;
          },
          { timeout: 10_000 },
        )
        .toBe(shared);
    },
  );

  it('says once that it is degraded, and once that it is over', () => {
    expect(lines).toEqual(['throttle.degraded', 'throttle.healed']);
  });
});
