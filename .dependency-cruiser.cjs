const S = '^packages/session-management/src';

const NPM = ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'unknown'];

/** A room may reach its own files and those listed; each rule is one row of the table in docs/architecture.md. */
const room = (name, allowed, comment) => ({
  name: `${name}-arrows`,
  comment,
  severity: 'error',
  from: { path: `${S}/${name}/` },
  to: {
    path: S,
    pathNot: [name, ...allowed].map((other) => `${S}/${other}/`),
  },
});

/** The packages a room may open: a driver belongs to the rooms that are made for it. */
const drivers = (name, allowed) => ({
  name: `${name}-drivers`,
  severity: 'error',
  from: { path: `${S}/${name}/` },
  to: {
    dependencyTypes: [...NPM, 'core'],
    pathNot: [...allowed, '@repo'],
  },
});

const DRIVER = 'node_modules/(pg|@prisma|@redis|redis|ioredis)/';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Type-only cycles included.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    { name: 'no-unknown', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'constants-know-nobody',
      severity: 'error',
      from: { path: '^packages/constants/' },
      to: { path: '^(packages/(?!constants/)|apps/)' },
    },
    {
      name: 'exchange-core-knows-no-store',
      severity: 'error',
      from: { path: '^packages/exchange-core/' },
      to: { path: '^(packages/session-management|apps)/' },
    },
    {
      name: 'domain-opens-nothing',
      severity: 'error',
      from: { path: '^packages/(constants|exchange-core)/src/' },
      to: { dependencyTypes: NPM },
    },
    {
      name: 'packages-know-no-application',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    room('types', [], 'What things are called knows nothing else.'),
    drivers('types', ['^$']),
    room('policy', ['types'], 'Pure: what it needs is handed in.'),
    drivers('policy', ['^(node:)?crypto$']),
    room('adapters', ['types', 'policy', 'generated'], 'One store each.'),
    {
      name: 'adapters-know-no-other-store',
      comment: 'PostgreSQL, Redis and memory never meet below the factory.',
      severity: 'error',
      from: { path: `${S}/adapters/(postgres|redis|memory)-` },
      to: { path: `${S}/adapters/`, pathNot: `${S}/adapters/$1-` },
    },
    {
      name: 'adapters-open-their-own-store',
      severity: 'error',
      comment:
        'A client is handed in; the limiter of log-ins is no driver, it speaks through that client.',
      from: { path: `${S}/adapters/redis-` },
      to: { dependencyTypes: NPM, pathNot: '(@repo|node_modules/rate-limiter-flexible/)' },
    },
    {
      name: 'postgres-adapters-open-no-redis',
      severity: 'error',
      from: { path: `${S}/adapters/postgres-` },
      to: { path: 'node_modules/(@redis|redis|ioredis)/' },
    },
    room('tiers', ['types', 'policy'], 'Composes what it is handed.'),
    { ...drivers('tiers', ['node_modules/(lru-cache|cockatiel)/']), name: 'tiers-drivers' },
    room('propagation', ['types', 'policy'], 'Has no driver that it was not handed.'),
    {
      ...room('managers', ['types', 'policy'], 'The verbs know no store, environment or clock.'),
      from: { path: `${S}/managers/`, pathNot: 'mock-user-manager-wrapper' },
    },
    {
      name: 'mock-wrapper-arrows',
      comment:
        'Makes mock mode from one argument, so it is the composition root of the memory stores.',
      severity: 'error',
      from: { path: `${S}/managers/mock-user-manager-wrapper` },
      to: {
        path: S,
        pathNot: [
          `${S}/(types|policy|managers|tiers|utils)/`,
          `${S}/adapters/memory-`,
          `${S}/web/device`,
        ],
      },
    },
    drivers('managers', ['^$']),
    room('web', ['types', 'policy'], 'Requests and responses; no stores.'),
    {
      name: 'web-drivers',
      severity: 'error',
      from: { path: `${S}/web/` },
      to: { path: DRIVER },
    },
    room('utils', ['types', 'generated'], 'Everything above is out of reach.'),
    room('migrations', ['types'], 'Applies SQL files.'),
    room('testing', ['types', 'policy', 'utils'], 'Contracts speak of ports only.'),
    {
      name: 'one-driver-each',
      comment: 'Only the adapters of a store, its singleton and the migrations reach its driver.',
      severity: 'error',
      from: {
        path: S,
        pathNot: `${S}/(adapters/(postgres|redis)-|utils/(prisma-singleton|redis-|cluster-nodes)|migrations/|generated/)`,
      },
      to: { path: DRIVER },
    },
    {
      name: 'doors-are-names',
      comment: 'A door re-exports; what it needs lives in a room.',
      severity: 'error',
      from: { path: `${S}/[^/]+\\.ts$` },
      to: { dependencyTypes: ['npm', 'npm-peer', 'core'], pathNot: ['@repo', 'packages/'] },
    },
    {
      name: 'web-app-uses-doors',
      comment: 'No deep path, no Prisma, no Redis client.',
      severity: 'error',
      from: { path: '^apps/' },
      to: {
        path: [
          DRIVER,
          '^packages/[^/]+/src/(?!index\\.ts|next\\.ts|trpc\\.ts|fetch\\.ts|node\\.ts|testing\\.ts)',
          '^packages/[^/]+/dist/(?!(index|next|trpc|fetch|node|testing)\\.(d\\.ts|js))',
        ],
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(packages|apps|tooling)/[^/]+/(dist|\\.next|tests)/|/generated/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@repo/source', 'import', 'types', 'default'],
    },
    tsConfig: { fileName: 'tsconfig.base.json' },
  },
};
