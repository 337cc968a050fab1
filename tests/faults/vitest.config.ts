import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const CONDITIONS = ['@repo/source', 'node'];

/** All of the fault tests, one at a time. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  ssr: { resolve: { conditions: CONDITIONS, externalConditions: CONDITIONS } },
  test: {
    include: [
      'tests/faults/**/*.test.ts',
      '{tests/faults,{packages,tooling}/*/tests}/**/*.faults.ts',
    ],
    setupFiles: 'tests/property-seed.ts',
    globalSetup: 'tooling/local-stores/src/vitest-setup.ts',
    reporters: ['default', './scripts/vitest-reporter.mjs'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
