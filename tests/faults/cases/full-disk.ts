import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Fault, UNHARMED } from '../harness/fault.ts';
import type { Stage } from '../harness/stage.ts';

const run = promisify(execFile);
const SIZE = '24m';
const FILLER = 'filler';
const DISK_FULL = '53100';
const NO_SPACE = 'ENOSPC';

/** Where the small disk of a stage is mounted. */
const disks = new WeakMap<Stage, string>();

export const fullDisk: Fault = {
  id: 'F-32',
  title: 'the disk under the sessions of PostgreSQL is full',
  promise: 'lookups go on; a log-in or end that cannot be written is not acknowledged',
  allows: { ...UNHARMED, writes: true },
  lacks: () => (process.getuid?.() === 0 ? null : 'only root may mount a small disk'),
  prepare: async (stage) => {
    const disk = await mountDisk(stage);
    disks.set(stage, disk);
    await stage.sql(`CREATE TABLESPACE small LOCATION '${disk}/data'`);
    for (const table of ['Session', 'Subject', 'Raise']) {
      await stage.sql(`ALTER TABLE sessions."${table}" SET TABLESPACE small`);
    }
  },
  inject: async (stage) => {
    await fill(diskOf(stage));
    await expectFull(stage);
  },
  heal: (stage) => rm(join(diskOf(stage), FILLER)),
};

function diskOf(stage: Stage): string {
  const disk = disks.get(stage);
  if (disk === undefined) throw new Error('no small disk is mounted');
  return disk;
}

/** The disk goes with the stage, whatever becomes of the test, and PostgreSQL before it. */
async function mountDisk(stage: Stage): Promise<string> {
  const disk = await mkdtemp(join(tmpdir(), 'small-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', disk]);
  stage.alsoClose(async () => {
    await stage.postgres.kill();
    await run('umount', [disk]);
    await rm(disk, { recursive: true });
  });
  const [row] = await stage.sql<{ data_directory: string }>('SHOW data_directory');
  await run('mkdir', [join(disk, 'data')]);
  await run('chown', [`--reference=${row?.data_directory}`, join(disk, 'data')]);
  await run('chmod', ['755', disk]);
  return disk;
}

/** Until not a byte is left. */
async function fill(disk: string): Promise<void> {
  const { stdout } = await run('df', ['--output=avail', '-B1', disk]);
  const left = Number(stdout.trim().split('\n').at(-1));
  await writeFile(join(disk, FILLER), Buffer.alloc(left)).catch((error: unknown) => {
    // PostgreSQL may have written meanwhile: it is full all the same.
    if (!hasCode(error, NO_SPACE)) throw error;
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** @throws when PostgreSQL can still write there: then nothing would be tried. */
async function expectFull(stage: Stage): Promise<void> {
  const write = stage.sql(
    `CREATE TABLE probe TABLESPACE small AS
     SELECT repeat(md5(n::text), 100) FROM generate_series(1, 1000) n`,
  );
  const written = await write.then(
    () => true,
    (error: unknown) => {
      if (hasCode(error, DISK_FULL)) return false;
      throw error;
    },
  );
  if (written) throw new Error('the small disk is not full');
}
