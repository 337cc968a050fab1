import { defineConfig } from 'vitest/config';
import { longestFirst } from './scripts/longest-first.mjs';

// Vitest hands these to Node, which applies them to `require` too: with `import` or `module`
// among them, packages that ship both forms break.
const CONDITIONS = ['@repo/source', 'node'];

/** They break stores under load and measure what is lost. */
const MEASURED = 'tests/faults/quick/core.test.ts';

/** Most of their time they wait. */
const LONGEST = [
  'contracts/production-user-manager.test.ts',
  'contracts/postgres.test.ts',
  'contracts/mock-user-manager.test.ts',
  'apps/web/tests/hang-ups.test.ts',
  'apps/web/tests/browser.test.ts',
  'cli/audit.test.ts',
  'apps/web/tests/start.test.ts',
  'apps/web/tests/old-password.test.ts',
  'apps/web/tests/ending.test.ts',
];

export default defineConfig({
  ssr: { resolve: { conditions: CONDITIONS, externalConditions: CONDITIONS } },
  test: {
    setupFiles: 'tests/property-seed.ts',
    reporters: './scripts/vitest-reporter.mjs',
    silent: 'passed-only',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One more than processors: in any second some file waits for time to pass or a process to start.
    maxWorkers: 3,
    sequence: { sequencer: longestFirst(LONGEST) },
    projects: [
      {
        extends: true,
        test: {
          name: 'product',
          include: ['{packages,tooling,apps}/*/{src,tests}/**/*.test.ts', 'tests/**/*.test.ts'],
          exclude: ['**/node_modules/**', MEASURED],
          globalSetup: 'tooling/local-stores/src/vitest-setup.ts',
        },
      },
      {
        // When the others have ended.
        extends: true,
        test: {
          name: 'faults',
          include: [MEASURED],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
