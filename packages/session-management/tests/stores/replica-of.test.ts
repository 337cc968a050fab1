import { createClient } from '@redis/client';
import { type RedisStore, startRedis } from '@repo/local-stores';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf } from '../../src/policy/session-id.ts';
import { namesOn } from '../postgres/database.ts';
import {
  logIn,
  NearStage,
  nearlyKept,
  newUser,
  statusOf,
  staysEnded,
  until,
} from './near-stage.ts';

/**
 * A master that becomes a replica and a master again cuts nobody off: the run id is the same, the history is
 * another's. What it held is as its master for a moment held it.
 */
let stage: NearStage;
let other: RedisStore;
let sql: pg.Pool;

beforeAll(async () => {
  [stage, other] = await Promise.all([NearStage.open(), startRedis()]);
  sql = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 });
}, 60_000);

afterAll(async () => {
  await sql?.end();
  await Promise.all([stage?.close(), other?.close()]);
});

const masters = async () =>
  Object.keys((await sql.query('SELECT "since" FROM sessions."Masters"')).rows[0].since);

/** There and back: afterwards it holds these keys alone. */
async function becomeReplicaFor(keys: ReadonlyMap<string, string>): Promise<void> {
  const clone = createClient({ url: other.url });
  await clone.connect();
  await clone.flushAll();
  for (const [key, text] of keys) await clone.set(key, text, { PX: 60_000 });
  await clone.close();
  await stage.admin.sendCommand(['REPLICAOF', '127.0.0.1', String(other.port)]);
  await until(async () => {
    expect(await stage.admin.info('replication')).toContain('master_link_status:up');
  });
  await stage.admin.sendCommand(['REPLICAOF', 'NO', 'ONE']);
}

async function held(keys: string[]): Promise<Map<string, string>> {
  const texts = await Promise.all(keys.map((key) => stage.admin.get(key)));
  return new Map(keys.map((key, n) => [key, texts[n] ?? '']));
}

it('REPLICAOF there and back under a living connection: no copy of before is believed, nobody is signed out', async () => {
  const [ending, asking] = [await stage.near(), await stage.other()];
  const userId = await newUser(ending);
  const [ended, living] = [await logIn(ending, userId), await logIn(ending, userId)];
  await until(async () => expect((await ending.health()).propagation.trusted).toBe(true));
  // Confirmed since the master counts.
  await nearlyKept(ending, ended);
  await nearlyKept(asking, living);
  const names = await namesOn(stage.databaseUrl);
  const keys = [ended, living].map((id) => names.session(digestOf(id), 'web'));
  const before = await held([...keys, names.user(userId)]);
  expect([...before.values()].every((text) => text.length > 10)).toBe(true);
  const [named] = await masters();

  await ending.deleteSession(ended);
  await until(async () => {
    expect((await sql.query('SELECT FROM sessions."Outbox"')).rows).toEqual([]);
  });
  await becomeReplicaFor(before);
  await until(async () => {
    const now = await masters();
    expect(now).toHaveLength(1);
    expect(now).not.toContain(named);
    expect(now[0]?.split(':')[0]).toBe(named?.split(':')[0]);
    for (const manager of [ending, asking]) {
      expect((await manager.health()).propagation.trusted).toBe(true);
    }
  });

  // The copy lies there as if nothing had been ended.
  expect(await held(keys)).toEqual(new Map([...before].slice(0, 2)));
  const { nearCopies } = await asking.health();
  expect(await staysEnded(asking, ended)).toBe(true);
  expect(await statusOf(asking, living)).toBe('active');
  expect((await asking.health()).nearCopies.hits).toBe(nearCopies.hits);
  expect(await statusOf(ending, ended)).toBe('none');
  await nearlyKept(asking, living);
});
