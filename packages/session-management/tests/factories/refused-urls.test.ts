import { freshDatabaseUrl, freshRedisUrl } from '@repo/local-stores/vitest';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { closePrismaClient, getPrismaClient, UserManagerFactory } from '../../src/index.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { quiet } from '../stores/support.ts';

const DATABASE = 'postgresql://ada:s3cret@127.0.0.1:1/app';
const REDIS = 'redis://:s3cret@127.0.0.1:1';

beforeEach(() => {
  vi.stubEnv('NODE_ENV', 'production');
  vi.stubEnv('DATABASE_URL', DATABASE);
  vi.stubEnv('REDIS_URL', REDIS);
  vi.stubEnv('SESSION_REDIS_TIMEOUT', '2s');
  vi.stubEnv('SESSION_POSTGRES_TIMEOUT', '4s');
});

afterEach(async () => {
  UserManagerFactory.clearCache();
  await closePrismaClient();
  vi.unstubAllEnvs();
});

function refused(variable: string, parameter: string) {
  return {
    code: 'CONFIGURATION_INVALID',
    message: expect.stringMatching(
      new RegExp(`^${variable}: the parameter ${parameter} (?!.*(ada|s3cret|billing))`),
    ),
  };
}

describe('the factory', () => {
  it.each([
    ['DATABASE_URL', 'schema', `${DATABASE}?schema=billing`],
    ['DATABASE_URL', 'connection_limit', `${DATABASE}?connection_limit=5`],
    ['DATABASE_DIRECT_URL', 'options', `${DATABASE}?options=-csearch_path%3Dbilling`],
    ['REDIS_URL', 'db', `${REDIS}?db=2`],
  ])('refuses %s with %s', async (variable, parameter, url) => {
    vi.stubEnv(variable, url);
    const expected = refused(variable, parameter);
    await expect(UserManagerFactory.create({ logger: quiet })).rejects.toMatchObject(expected);
    await expect(UserManagerFactory.createForContext()).rejects.toMatchObject(expected);
    expect(UserManagerFactory.getCachedInstance()).toBeNull();
  });

  it.each([
    ['DATABASE_URL', 'schema', { databaseUrl: `${DATABASE}?schema=billing` }],
    ['DATABASE_DIRECT_URL', 'schema', { directUrl: `${DATABASE}?schema=` }],
    ['REDIS_URL', 'family', { redisUrl: `${REDIS}?family=6` }],
  ])('refuses the option of %s with %s', async (variable, parameter, config) => {
    await expect(UserManagerFactory.create({ ...config, logger: quiet })).rejects.toMatchObject(
      refused(variable, parameter),
    );
  });
});

describe('getPrismaClient', () => {
  it('refuses by name', () => {
    const config = { databaseUrl: `${DATABASE}?schema=billing` };
    expect(() => getPrismaClient(config)).toThrow(
      expect.objectContaining(refused('databaseUrl', 'schema')),
    );
  });
});

describe('schema=public', () => {
  let databaseUrl: string;

  beforeAll(async () => {
    databaseUrl = await freshDatabaseUrl();
    await applyMigrations({ databaseUrl });
  });

  it('is served, by the same pool as the URL without it', async () => {
    vi.stubEnv('DATABASE_URL', `${databaseUrl}?schema=public`);
    vi.stubEnv('REDIS_URL', await freshRedisUrl());
    const manager = await UserManagerFactory.create({ logger: quiet });
    expect(await manager.count()).toBe(0);
    expect(await UserManagerFactory.create({ databaseUrl, logger: quiet })).toBe(manager);
    const prisma = getPrismaClient({ databaseUrl: `${databaseUrl}?schema=public` });
    expect(await prisma.user.count()).toBe(0);
    expect(getPrismaClient({ databaseUrl })).toBe(prisma);
  });
});
