import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { postgresUser } from './machine.ts';
import { freePort } from './ports.ts';
import type { PostgresStore } from './postgres.ts';
import {
  makeDataFolder,
  type PostgresServer,
  type PostgresServerPlan,
  query,
  startServer,
} from './postgres-server.ts';
import { moveIn, openHome, type Store } from './store.ts';
import { runToEnd } from './store-process.ts';
import { until } from './until.ts';

export interface StandbyOptions {
  /**
   * Whether the primary acknowledges a commit only when the standby has it. Stays so on the
   * primary: without this standby its commits wait for ever. Default false.
   */
  readonly synchronous?: boolean;
  /**
   * The loopback port through which it follows the primary; that of a proxy lets a test break the
   * link, which is how a commit gets lost in a failover. Default: the primary's own.
   */
  readonly through?: { readonly port: number };
}

/** A PostgreSQL that follows another, and answers queries that only read. */
export interface StandbyStore extends Store {
  /** Resolves once it has applied all that the primary has committed by now. */
  caughtUp(): Promise<void>;
  /** Makes it a primary; resolves once it takes writes. Does not touch the old primary. */
  promote(): Promise<void>;
}

/** Starts a streaming standby of a private PostgreSQL; resolves once it streams. */
export async function startStandby(
  primary: PostgresStore,
  options: StandbyOptions = {},
): Promise<StandbyStore> {
  const binDir = primary.binDir ?? '';
  if (!existsSync(join(binDir, 'pg_basebackup'))) {
    throw new Error('a standby is made with pg_basebackup, which this PostgreSQL does not bring');
  }
  const home = await openHome('standby');
  return moveIn(home, async () => {
    const port = await freePort();
    const plan = { home, binDir, user: postgresUser(), port, durable: false };
    const name = `standby_${port}`;
    await copy(plan, name, options.through ?? primary);
    const server = await startServer(plan);
    if (options.synchronous === true) await demand(primary, name);
    await streams(primary, name, options.synchronous === true ? 'sync' : 'async');
    return { ...server, ...abilities(server, primary) };
  });
}

function abilities(server: PostgresServer, primary: PostgresStore) {
  const recovers = async () => {
    const [row] = await query(server.url, 'SELECT pg_is_in_recovery() AS recovers');
    return row?.['recovers'] === true;
  };
  return {
    caughtUp: async () => {
      const [row] = await query(primary.url, 'SELECT pg_current_wal_flush_lsn()::text AS lsn');
      await until('the standby has caught up', async () => {
        const reached = 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS reached';
        const [answer] = await query(server.url, reached, [row?.['lsn']]);
        return answer?.['reached'] === true;
      });
    },
    promote: async () => {
      await query(server.url, 'SELECT pg_promote()');
      await until('the standby is a primary', async () => !(await recovers()));
    },
  };
}

/** Copies the primary, with the settings to follow it from then on. */
async function copy(
  { home, binDir, user }: PostgresServerPlan,
  name: string,
  { port }: { readonly port: number },
): Promise<void> {
  const data = await makeDataFolder(home, user);
  const source = `host=127.0.0.1 port=${port} user=postgres application_name=${name}`;
  const fixed = ['--write-recovery-conf', '--checkpoint=fast', '--wal-method=stream', '--no-sync'];
  const plan = {
    name: 'pg_basebackup',
    file: join(binDir, 'pg_basebackup'),
    args: ['-D', data, '-d', source, ...fixed],
    folder: home.folder,
    user,
  };
  await runToEnd(plan, home.guard);
}

async function demand(primary: PostgresStore, name: string): Promise<void> {
  await query(primary.url, `ALTER SYSTEM SET synchronous_standby_names = '${name}'`);
  await query(primary.url, 'SELECT pg_reload_conf()');
}

async function streams(primary: PostgresStore, name: string, how: 'sync' | 'async') {
  const wanted = `SELECT FROM pg_stat_replication
    WHERE application_name = $1 AND state = 'streaming' AND sync_state = $2`;
  await until(`the standby streams (${how})`, async () => {
    return (await query(primary.url, wanted, [name, how])).length === 1;
  });
}
