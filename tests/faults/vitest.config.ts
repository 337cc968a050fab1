import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { longestFirst } from '../../scripts/longest-first.mjs';

/** Faults that take long, or break more than every run can wait for. */
const LONG = 'tests/faults/long/**';
const isLong = process.env['FAULT_LONG'] !== undefined;
const CONDITIONS = ['@repo/source', 'node'];

const MEASURED = [
  'tests/faults/full/*.faults.ts',
  'tests/faults/quick/core.test.ts',
  ...(isLong ? [LONG] : []),
];

/** All of the fault tests. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  ssr: { resolve: { conditions: CONDITIONS, externalConditions: CONDITIONS } },
  test: {
    setupFiles: 'tests/property-seed.ts',
    reporters: [['./scripts/vitest-reporter.mjs', { longTests: true }]],
    silent: 'passed-only',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    sequence: { sequencer: longestFirst(['holes.faults.ts']) },
    projects: [
      {
        // Alone and one after the other: they break stores under load and measure what is lost.
        extends: true,
        test: {
          name: 'measured',
          include: MEASURED,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // They wait for conditions, so they may share the machine.
        extends: true,
        test: {
          name: 'awaited',
          include: [
            'tests/faults/**/*.test.ts',
            '{tests/faults,{packages,tooling}/*/tests}/**/*.faults.ts',
          ],
          exclude: [...MEASURED, LONG],
          globalSetup: 'tooling/local-stores/src/vitest-setup.ts',
        },
      },
    ],
  },
});
