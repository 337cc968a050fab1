import { existsSync } from 'node:fs';
import { createClient } from '@redis/client';
import { type RedisStore, startRedis } from '@repo/local-stores';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migratedDatabase, type TestDatabase } from '../postgres/database.ts';
import { doctor } from './command.ts';

const FAKETIME = '/usr/bin/faketime';
const NO_FAKETIME = !existsSync(FAKETIME);

let database: TestDatabase;
let redis: RedisStore;
let admin: ReturnType<typeof connect>;

const connect = (url: string) => createClient({ url });

beforeAll(async () => {
  database = await migratedDatabase();
  // The policy with which many a cache comes.
  redis = await startRedis({ args: ['--maxmemory-policy', 'volatile-lru'] });
  admin = connect(redis.url);
  await admin.connect();
});

afterAll(async () => {
  await admin.close();
  await redis.close();
  await database.close();
});

const envOf = (user?: string) => ({
  DATABASE_URL: database.url,
  REDIS_URL: user === undefined ? redis.url : redis.url.replace('//', `//${user}:secret@`),
});

const RIGHTS = ['on', '>secret', '~session:*', '~s?:*'];

describe('session-management doctor, of Redis', () => {
  it('warns of a maxmemory-policy that drops tombstones, says why, and is satisfied by noeviction', async () => {
    const { checks, code } = await doctor(envOf());
    expect(code).toBe(0);
    expect(checks.find(({ name }) => name === 'redis eviction')).toEqual({
      name: 'redis eviction',
      status: 'warn',
      found: expect.stringMatching(
        /^maxmemory-policy is volatile-lru: every key has a TTL.*tombstones too/,
      ),
      mend: expect.stringContaining('CONFIG SET maxmemory-policy noeviction'),
    });

    await admin.configSet('maxmemory-policy', 'noeviction');
    expect((await doctor(envOf())).statusOf('redis eviction')).toEqual(['ok']);
  });

  it('names each command that the user may not send, and keeps the password to itself', async () => {
    await admin.sendCommand([
      'ACL',
      'SETUSER',
      'narrow',
      ...RIGHTS,
      '+@all',
      '-zadd',
      '-pttl',
      '-time',
      '-client|tracking',
    ]);
    const { checks, code, stdout } = await doctor(envOf('narrow'));

    expect(code).toBe(1);
    expect(checks.find(({ name }) => name === 'redis rights')?.found).toBe(
      'refused: TIME, PTTL session:*, PTTL su:*, PTTL sl:*, PTTL sp:*, ZADD si:*',
    );
    expect(stdout).not.toMatch(/secret|narrow/);
  });

  it('only warns of a user who may not ask for tracking: near copies stay away, sessions do not', async () => {
    const rights = ['ACL', 'SETUSER', 'far', ...RIGHTS, '+@all', '-client|tracking'];
    await admin.sendCommand(rights);
    const { checks, code, statusOf } = await doctor(envOf('far'));

    expect(code).toBe(0);
    expect(statusOf('redis rights')).toEqual(['ok']);
    expect(checks.find(({ name }) => name === 'redis tracking')).toEqual({
      name: 'redis tracking',
      status: 'warn',
      found:
        'the user may not send CLIENT TRACKING: processes keep no near copies, each lookup asks Redis',
      mend: 'ACL SETUSER <user> +client',
    });
  });

  it('is satisfied by a user with our keys and commands alone, which may not read the configuration', async () => {
    const commands =
      'ping info role time get mget set del incrby pttl pexpire eval evalsha zadd zrange zrevrange';
    const allowed = `${commands} zrem zremrangebyrank client hello select`.split(' ');
    await admin.sendCommand([
      'ACL',
      'SETUSER',
      'just',
      ...RIGHTS,
      '-@all',
      ...allowed.map((c) => `+${c}`),
    ]);
    const { checks, statusOf } = await doctor(envOf('just'));

    expect(statusOf('redis rights')).toEqual(['ok']);
    expect(checks.find(({ name }) => name === 'redis tracking')?.found).toMatch(/not told/);
  });

  it('changes nothing that is there and leaves only what is gone in a second', async () => {
    await admin.flushDb();
    await admin.zAdd('si:AAAAAA:ends', { score: 7, value: 'web digest' });
    await admin.pExpire('si:AAAAAA:ends', 600_000);
    await doctor(envOf());

    expect(await admin.keys('*')).toEqual(['si:AAAAAA:ends']);
    expect(await admin.zRangeWithScores('si:AAAAAA:ends', 0, -1)).toEqual([
      { score: 7, value: 'web digest' },
    ]);
    expect(await admin.pTTL('si:AAAAAA:ends')).toBeGreaterThan(500_000);
  });

  it('tells a wrong password from a silent Redis', async () => {
    const wrong = { ...envOf(), REDIS_URL: redis.url.replace('//', '//narrow:guess@') };
    expect((await doctor(wrong)).stdout).toContain('user or password is refused');

    redis.pause();
    try {
      const { checks, code } = await doctor(envOf());
      expect(code).toBe(1);
      expect(checks.find(({ name }) => name === 'redis')?.found).toContain('no answer in time');
    } finally {
      redis.resume();
    }
  });

  it('tells a replica', async () => {
    await admin.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    try {
      const { checks, statusOf } = await doctor(envOf());
      expect(statusOf('redis role')).toEqual(['fail']);
      expect(checks.find(({ name }) => name === 'redis role')?.mend).toContain('master');
    } finally {
      await admin.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    }
  });

  it.skipIf(NO_FAKETIME)(
    `tells clocks that are five minutes apart${NO_FAKETIME ? ' (skipped: no faketime here)' : ''}`,
    async () => {
      const { checks, code } = await doctor(envOf(), [FAKETIME, '-f', '+5m']);
      expect(code).toBe(1);
      expect(checks.find(({ name }) => name === 'clocks')).toMatchObject({
        status: 'fail',
        found: expect.stringMatching(/PostgreSQL is (300.0|299.\d) s behind, Redis is .* behind$/),
        mend: expect.stringMatching(/clock of this machine$/),
      });
      const few = await doctor(envOf(), [FAKETIME, '-f', '+5s']);
      expect({ code: few.code, clocks: few.statusOf('clocks') }).toEqual({
        code: 0,
        clocks: ['warn'],
      });
    },
  );
});
