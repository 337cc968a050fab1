import { defineConfig } from 'vitest/config';

// Vitest hands these to Node, which applies them to `require` too: with `import` or `module`
// among them, packages that ship both forms break.
const CONDITIONS = ['@repo/source', 'node'];

export default defineConfig({
  ssr: { resolve: { conditions: CONDITIONS, externalConditions: CONDITIONS } },
  test: {
    include: ['{packages,tooling,apps}/*/{src,tests}/**/*.test.ts', 'tests/**/*.test.ts'],
    globalSetup: 'tooling/local-stores/src/vitest-setup.ts',
    reporters: ['default', './scripts/vitest-reporter.mjs'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    fileParallelism: true,
    maxWorkers: 2,
  },
});
