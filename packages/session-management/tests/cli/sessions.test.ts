import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UserManager } from '../../src/types/index.ts';
import { METADATA, openStores, type Stores, WEEK } from '../stores/support.ts';
import { command } from './command.ts';

let stores: Stores;
let manager: UserManager;
let env: Record<string, string>;
let userId: string;

beforeAll(async () => {
  stores = await openStores();
  manager = await stores.manager();
  env = { DATABASE_URL: stores.databaseUrl, REDIS_URL: stores.redisUrl };
});

beforeEach(async () => {
  userId = await stores.user(manager);
});

afterAll(() => stores.close());

const signIn = () => manager.createSession(userId, METADATA, WEEK);
const lives = async (sessionId: string) =>
  (await manager.validateSession(sessionId)).status === 'active';
const handles = async () => (await manager.listSessions(userId)).map(({ id }) => id);

/** A running manager has it in its copies; a revoke must reach it from another process. */
const goneEverywhere = (sessionId: string) =>
  expect.poll(() => lives(sessionId), { timeout: 5_000, interval: 20 }).toBe(false);

/** Of a realm that this manager does not serve. */
const signInElsewhere = () => stores.insertSessions(userId, 1, 1, 'admin');

describe('session-management sessions list', () => {
  it('lists live sessions by id or e-mail address, newest first, without a secret', async () => {
    const first = await signIn();
    const second = await signIn();
    const byId = await command(['sessions', 'list', userId, '--json'], env);
    const email = (await manager.findById(userId))?.email ?? '';
    const byEmail = await command(['sessions', 'list', email.toUpperCase(), '--json'], env);

    expect(byId).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(byEmail.stdout)).toEqual(JSON.parse(byId.stdout));
    const { sessions } = JSON.parse(byId.stdout);
    expect(sessions.map(({ id }: { id: string }) => id)).toEqual(await handles());
    expect(sessions[0]).toMatchObject({
      ip: METADATA.ip,
      device: 'Firefox on Linux',
      realm: 'web',
    });
    for (const secret of [first, second]) expect(byId.stdout).not.toContain(secret);
  });

  it('is a table for people', async () => {
    await signIn();
    const { stdout } = await command(['sessions', 'list', userId], env);

    const [head, row, ...rest] = stdout.split('\n');
    expect(head).toMatch(/^HANDLE +DEVICE +IP +CREATED +LAST SEEN +EXPIRES$/);
    expect(row).toMatch(
      /^[\da-f-]{36} {2}Firefox on Linux {2}203\.0\.113\.7 {2}(\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ( {2})?){3}$/,
    );
    expect(rest).toEqual(['']);
  });

  it('lists another realm alone, and says so when there is none', async () => {
    await signIn();
    await signInElsewhere();
    const admin = await command(['sessions', 'list', userId, '--realm', 'admin', '--json'], env);
    expect(JSON.parse(admin.stdout).sessions).toMatchObject([{ realm: 'admin' }]);

    const none = await command(['sessions', 'list', userId, '--realm', 'mobile'], env);
    expect(none).toEqual({ code: 0, stdout: 'no live session in realm mobile\n', stderr: '' });
  });

  it('does not repeat an address that nobody has', async () => {
    const { code, stderr, stdout } = await command(['sessions', 'list', 'eve@example.com'], env);
    expect({ code, stderr, stdout }).toEqual({
      code: 1,
      stderr: 'no user has this id or e-mail address\n',
      stdout: '',
    });
  });
});

describe('session-management sessions revoke', () => {
  it('ends one session by its handle, as a running manager sees, and no other', async () => {
    const [kept, ended] = [await signIn(), await signIn()];
    expect(await lives(ended)).toBe(true);
    const [handle = ''] = await handles();
    const run = await command(['sessions', 'revoke', userId, '--handle', handle], env);

    expect(run).toEqual({ code: 0, stdout: '1 session ended\n', stderr: '' });
    await goneEverywhere(ended);
    expect(await lives(kept)).toBe(true);
    const again = await command(['sessions', 'revoke', userId, '--handle', handle, '--json'], env);
    expect(again).toEqual({ code: 0, stdout: '{"ended":0}\n', stderr: '' });
  });

  it('ends all sessions in every realm', async () => {
    const [one, two] = [await signIn(), await signIn()];
    await signInElsewhere();
    const { stdout } = await command(['sessions', 'revoke', userId, '--all', '--json'], env);

    expect(JSON.parse(stdout)).toEqual({ ended: 3 });
    await goneEverywhere(one);
    await goneEverywhere(two);
  });

  it('ends all sessions of one realm alone', async () => {
    const kept = await signIn();
    await signInElsewhere();
    const args = ['sessions', 'revoke', userId, '--all', '--realm', 'admin', '--json'];
    const { stdout } = await command(args, env);

    expect(JSON.parse(stdout)).toEqual({ ended: 1 });
    expect(await lives(kept)).toBe(true);
  });

  it('ends sessions while Redis is down, and says that its copies follow', async () => {
    const ended = await signIn();
    const down = { ...env, REDIS_URL: 'redis://127.0.0.1:1' };
    const { code, stderr, stdout } = await command(['sessions', 'revoke', userId, '--all'], down);

    expect({ code, stdout }).toEqual({ code: 0, stdout: '1 session ended\n' });
    expect(stderr).toMatch(/^Redis does not answer[^\n]*\n$/);
    await goneEverywhere(ended);
  });

  it('wants to know which, and ends with 2 otherwise', async () => {
    const runs = [
      [userId],
      [userId, '--all', '--handle', 'h'],
      ['--all'],
      [userId, '--everything'],
    ];
    for (const args of runs) {
      const run = await command(['sessions', 'revoke', ...args], env);
      expect({ args, code: run.code, stdout: run.stdout }).toEqual({ args, code: 2, stdout: '' });
      expect(run.stderr).toMatch(/^error: /);
    }
  });
});
