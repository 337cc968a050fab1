import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freshDatabaseUrl, freshRedisUrl } from '@repo/local-stores/vitest';
import { beforeAll, expect, it } from 'vitest';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';

const DOOR = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

/** A program that does nothing but make a manager, ask it, and close it. */
const PROGRAM = `
  const { UserManagerFactory } = await import(${JSON.stringify(DOOR)});
  const manager = await UserManagerFactory.create();
  const answer = await manager.validateSession('A'.repeat(43)).then(({ status }) => status, ({ code }) => code);
  await manager.close();
  console.log('ANSWER', answer);
`;

/** Nobody listens there. */
const CLOSED = '127.0.0.1:1';

let databaseUrl: string;
let redisUrl: string;

beforeAll(async () => {
  [databaseUrl, redisUrl] = await Promise.all([freshDatabaseUrl(), freshRedisUrl()]);
  await applyMigrations({ databaseUrl });
});

it.each([
  ['neither store answers', false, false, 'STORE_UNAVAILABLE'],
  ['Redis does not answer', true, false, 'none'],
  ['PostgreSQL does not answer', false, true, 'STORE_UNAVAILABLE'],
])('starts, answers and ends by itself when %s', async (_what, record, copies, answer) => {
  const env = {
    NODE_ENV: 'production',
    DATABASE_URL: record ? databaseUrl : `postgres://nobody@${CLOSED}/none`,
    REDIS_URL: copies ? redisUrl : `redis://${CLOSED}`,
    SESSION_POSTGRES_TIMEOUT: '4s',
    SESSION_LOOKUP_DEADLINE: '8s',
  };
  const args = ['--input-type=module', '--eval', PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout).toContain(`ANSWER ${answer}`);
});
