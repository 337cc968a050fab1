import tseslint from 'typescript-eslint';

/** `await something; await expect(call).rejects…` */
const AWAITED_TOO_LATE = [
  'ExpressionStatement:has(AwaitExpression) + ExpressionStatement > AwaitExpression',
  'CallExpression',
  'MemberExpression',
  "MemberExpression[property.name='rejects']",
  "CallExpression[callee.name='expect']",
  'Identifier.arguments',
].join(' > ');

/** Biome formats and lints; this adds what needs types: no promise is dropped or misused. */
export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/.next/**',
      '**/generated/**',
      '**/*.config.ts',
      '**/*.{js,mjs,cjs}',
    ],
  },
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only the environment readers read it.' },
        { object: 'Math', property: 'random', message: 'Randomness comes from utils/random.' },
      ],
    },
  },
  {
    files: [
      'packages/session-management/src/utils/environment.ts',
      'apps/web/src/env.ts',
      'tooling/**',
      '**/tests/**',
      '**/*.config.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/tests/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: AWAITED_TOO_LATE,
          message: 'It may reject before anybody listens: expect it where it is called.',
        },
      ],
    },
  },
  {
    files: ['packages/session-management/src/**'],
    ignores: ['**/utils/clock.ts', '**/testing/**', '**/cli/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='Date'][property.name='now']",
          message: 'The clock is in utils/clock.ts and is handed in.',
        },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'The clock is in utils/clock.ts and is handed in.',
        },
      ],
    },
  },
);
