import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type PostgresStore,
  type StandbyStore,
  startPostgres,
  startProxy,
  startStandby,
} from '../src/index.ts';
import { query } from '../src/postgres-server.ts';
import { noBaseBackup } from './available.ts';

describe.skipIf(noBaseBackup)('a standby (skipped where pg_basebackup is missing)', () => {
  let primary: PostgresStore;
  let standby: StandbyStore;

  beforeEach(async () => {
    primary = await startPostgres();
    await query(primary.url, 'CREATE TABLE kept (id int)');
  });

  afterEach(async () => {
    await standby.close();
    await primary.close();
  });

  const ids = (url: string) => query(url, 'SELECT id FROM kept ORDER BY 1');

  it('follows, reads only, takes over when promoted, and comes back after a kill', async () => {
    standby = await startStandby(primary);
    await query(primary.url, 'INSERT INTO kept VALUES (1)');
    await standby.caughtUp();
    expect(await ids(standby.url)).toEqual([{ id: 1 }]);
    expect(await query(standby.url, 'SELECT pg_is_in_recovery() AS yes')).toEqual([{ yes: true }]);
    await expect(query(standby.url, 'INSERT INTO kept VALUES (2)')).rejects.toThrow(/read-only/);

    await standby.kill();
    await standby.start();
    await primary.kill();
    await standby.promote();
    await query(standby.url, 'INSERT INTO kept VALUES (2)');
    expect(await ids(standby.url)).toEqual([{ id: 1 }, { id: 2 }]);

    await standby.close();
    await standby.close();
    await expect(ids(standby.url)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('loses a commit that it had not got when the link broke and it was promoted', async () => {
    const link = await startProxy({ target: primary });
    standby = await startStandby(primary, { through: link });
    link.cut();
    await query(primary.url, 'INSERT INTO kept VALUES (1)');
    await primary.kill();
    await standby.promote();
    expect(await ids(standby.url)).toEqual([]);
    await link.close();
  });

  it('keeps the primary waiting where it is synchronous and does not answer', async () => {
    const link = await startProxy({ target: primary });
    standby = await startStandby(primary, { synchronous: true, through: link });
    await query(primary.url, 'INSERT INTO kept VALUES (1)');

    link.freeze();
    const insert = query(primary.url, 'INSERT INTO kept VALUES (2)');
    const waits = "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    await expect.poll(() => query(primary.url, waits)).toHaveLength(1);
    await link.heal();
    await insert;
    await standby.promote();
    expect(await ids(standby.url)).toEqual([{ id: 1 }, { id: 2 }]);
    await link.close();
  });
});
