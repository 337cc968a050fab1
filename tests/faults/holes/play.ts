import { describe, expect, it } from 'vitest';
import { check } from '../checker/check.ts';
import { BOUNDS } from '../harness/history.ts';
import { Stage, type StageOptions } from '../harness/stage.ts';
import { withBuild } from './build.ts';
import type { Hole } from './holes.ts';
import type { Scenario } from './scenario.ts';

/** Nothing here is left to chance. */
const SEED = 1;
const TIMEOUT = 60_000;

/** For each hole: the checker sees it when it is put back, and is silent when it is not. */
export function playHoles(holes: readonly Hole[]): void {
  for (const { patches, rules, scenario, title } of holes) {
    describe(title, () => {
      it('breaks nothing while it is closed', { timeout: TIMEOUT }, async () => {
        expect(await brokenBy(scenario)).toEqual([]);
      });

      it(`breaks ${rules.join(' and ')} when it is put back`, { timeout: TIMEOUT }, async () => {
        const broken = await withBuild(patches, (folder) => brokenBy(scenario, folder));
        expect(broken).toEqual(rules);
      });
    });
  }
}

/** The rules that the checker finds broken, each once. */
function brokenBy(scenario: Scenario, packageFolder?: string): Promise<string[]> {
  const { allows, bounds, options, play } = scenario;
  return onStage({ ...options, packageFolder }, async (stage) => {
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
  });
}

export async function onStage<T>(
  options: StageOptions,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const stage = await Stage.open(SEED, options);
  try {
    return await work(stage);
  } finally {
    await stage.close();
  }
}
