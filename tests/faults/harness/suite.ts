import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault } from './fault.ts';
import { runFault } from './run-fault.ts';
import { seedsOf } from './seeds.ts';
import { isAtAnySpeed } from './speed.ts';

/** Not a promise: a busy machine may take long to play one. */
const TIMEOUT = 300_000;
/** Fewer lookups than this prove nothing. */
const FEWEST_LOOKUPS = 50;

/**
 * One test for each fault and seed; what this machine cannot run is told in its title, and never passes.
 *
 * @param env - For every application process.
 */
export function playFaults(
  title: string,
  faults: readonly Fault[],
  env: Record<string, string> = {},
): void {
  describe(title, () => {
    for (const fault of faults) {
      const name = `${fault.id} ${fault.title}: ${fault.promise}`;
      const reason = fault.lacks?.() ?? null;
      if (reason === null) {
        for (const seed of seedsOf(fault)) {
          it(`${name} (seed ${seed})`, { timeout: TIMEOUT }, () => playOne(fault, seed, env));
        }
        continue;
      }
      const { id, promise, title } = fault;
      keep(id, { id, title, promise, notRun: reason });
      it.skip(`${name} (not run: ${reason})`, () => undefined);
    }
  });
}

async function playOne(fault: Fault, seed: number, env: Record<string, string>): Promise<void> {
  const result = await runFault(fault, seed, { env });
  keep(`${fault.id}, seed ${seed}`, result);
  const told = result.violations.filter(({ late }) => !late || !isAtAnySpeed);
  const evidence = told.length === 0 ? '' : result.evidence.slice(0, 200).join('\n');
  expect(
    told.slice(0, 12).map(({ rule, what }) => `${rule} ${what}`),
    evidence,
  ).toEqual([]);
  if (fault.isQuiet) return;
  expect(result.lookups + result.unanswered).toBeGreaterThan(FEWEST_LOOKUPS);
}

/** For the table that `npm run test:faults` prints. */
function keep(name: string, result: unknown): void {
  const folder = process.env['FAULT_RESULTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(result, null, 2));
}
