import { defineConfig } from 'vitest/config';

// Vitest hands these to Node, which applies them to `require` too: with `import` or `module`
// among them, packages that ship both forms break.
const CONDITIONS = ['@repo/source', 'node'];

const FAULTS = 'tests/faults/**/*.test.ts';

export default defineConfig({
  ssr: { resolve: { conditions: CONDITIONS, externalConditions: CONDITIONS } },
  test: {
    setupFiles: 'tests/property-seed.ts',
    reporters: ['default', './scripts/vitest-reporter.mjs'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'product',
          include: ['{packages,tooling,apps}/*/{src,tests}/**/*.test.ts', 'tests/**/*.test.ts'],
          exclude: ['**/node_modules/**', FAULTS],
          globalSetup: 'tooling/local-stores/src/vitest-setup.ts',
        },
      },
      {
        // Alone and one after the other: they break stores under load and measure what is lost.
        extends: true,
        test: {
          name: 'faults',
          include: [FAULTS],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
