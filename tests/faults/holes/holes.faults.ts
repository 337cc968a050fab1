import { describe, expect, it } from 'vitest';
import { oldDumpAlone } from '../cases/redis-alone.ts';
import { runFault } from '../harness/run-fault.ts';
import { withBuild } from './build.ts';
import { BLIND_TRUST } from './connection-patches.ts';
import { HOLES } from './holes.ts';
import { playHoles } from './play.ts';

const SEED = 1;
const TIMEOUT = 60_000;

const isLong = process.env['FAULT_LONG'] !== undefined;

playHoles(HOLES.filter((hole) => isLong || hole.isLong !== true));

describe('a master that is believed without proof, under load', () => {
  it('breaks S-1, whoever asks what', { timeout: TIMEOUT }, async () => {
    const { violations } = await withBuild(BLIND_TRUST, (folder) =>
      runFault(oldDumpAlone, SEED, { packageFolder: folder }),
    );
    expect(violations.map(({ rule }) => rule)).toContain('S-1');
  });
});
