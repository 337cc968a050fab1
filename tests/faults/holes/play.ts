import { describe, expect, it } from 'vitest';
import { check } from '../checker/check.ts';
import { BOUNDS } from '../harness/history.ts';
import { Stage } from '../harness/stage.ts';
import { withBuild } from './build.ts';
import type { Hole } from './holes.ts';
import type { Scenario } from './scenario.ts';

/** Nothing here is left to chance. */
const SEED = 1;
const TIMEOUT = 60_000;

/** For each hole: the checker sees it when it is put back, and is silent when it is not. */
export function playHoles(holes: readonly Hole[]): void {
  for (const { patches, rules, scenario, title, without = [] } of holes) {
    describe(title, () => {
      it('breaks nothing while it is closed', { timeout: TIMEOUT }, async () => {
        const broken = await withBuild(without, (folder) => brokenBy(scenario, folder));
        expect(broken).toEqual([]);
      });

      it(`breaks ${rules.join(' and ')} when it is put back`, { timeout: TIMEOUT }, async () => {
        const build = [...without, ...patches];
        const broken = await withBuild(build, (folder) => brokenBy(scenario, folder));
        expect(broken).toEqual(rules);
      });
    });
  }
}

/** The rules that the checker finds broken, each once. */
async function brokenBy(scenario: Scenario, packageFolder: string): Promise<string[]> {
  const { allows, bounds, options, play } = scenario;
  const stage = await Stage.open(SEED, { ...options, packageFolder });
  try {
    const windows = await play(stage);
    const violations = check({
      operations: stage.recorder.operations,
      windows,
      allows,
      bounds: { ...BOUNDS, ...bounds },
      processes: [],
      disagreements: [],
    });
    return [...new Set(violations.map(({ rule }) => rule))].sort();
  } finally {
    await stage.close();
  }
}
