import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Fault, NO_RECORD, NOTHING } from '../harness/fault.ts';
import type { Stage } from '../harness/stage.ts';

export const postgresKilled: Fault = {
  id: 'F-15',
  title: 'PostgreSQL is killed under load',
  promise: 'copied sessions go on; nothing acknowledged is lost',
  allows: NO_RECORD,
  inject: (stage) => stage.postgres.kill(),
  heal: (stage) => stage.postgres.start(),
};

export const postgresPaused: Fault = {
  id: 'F-16',
  title: 'PostgreSQL is frozen, then goes on',
  promise: 'copied sessions go on; what was unanswered settles one way',
  allows: NO_RECORD,
  inject: async (stage) => stage.postgres.pause(),
  heal: async (stage) => stage.postgres.resume(),
};

export const postgresRestarted: Fault = {
  id: 'F-17 restart',
  title: 'PostgreSQL is stopped and started in good order',
  promise: 'copied sessions go on; nothing acknowledged is lost',
  allows: NO_RECORD,
  holdMs: 500,
  inject: (stage) => stage.postgres.stop(),
  heal: (stage) => stage.postgres.start(),
};

export const poolExhausted: Fault = {
  id: 'F-18',
  title: 'every statement waits for a lock and the pool is empty',
  promise: 'copied sessions go on; the others hear so by their deadline',
  allows: NO_RECORD,
  options: { env: { SESSION_MAX_CONNECTIONS: '5' } },
  inject: async (stage) => {
    const client = new pg.Client({ connectionString: stage.stores.databaseUrl });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE sessions."Session" IN ACCESS EXCLUSIVE MODE');
    void delay(3_000).then(() => client.end());
  },
  heal: () => delay(200),
};

export const bothKilled: Fault = {
  id: 'F-20',
  title: 'both stores are killed',
  promise: 'nobody is accepted, nobody is signed out',
  allows: NOTHING,
  inject: async ({ postgres, redis }) => void (await Promise.all([postgres.kill(), redis.kill()])),
  heal: async ({ postgres, redis }) => void (await Promise.all([postgres.start(), redis.start()])),
};

export const connectionsEnded: Fault = {
  id: 'F-15 connections',
  title: 'PostgreSQL ends our connections again and again',
  promise: 'a lookup is tried again on another connection or answered by a copy',
  allows: NO_RECORD,
  holdMs: 0,
  inject: async (stage) => {
    for (let time = 0; time < 6; time += 1) {
      await endConnections(stage);
      await delay(300);
    }
  },
  heal: async () => undefined,
};

async function endConnections(stage: Stage): Promise<void> {
  await stage.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE pid <> pg_backend_pid() AND datname IS NOT NULL`,
  );
}
