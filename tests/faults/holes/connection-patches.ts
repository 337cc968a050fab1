import type { Patch } from './build.ts';

/** Every master is believed. */
export const BLIND_TRUST: Patch[] = [
  {
    file: 'tiers/trusted-masters.js',
    find: 'return owner !== null && this.#trusted.has(owner) ? owner : null;',
    replace: 'return owner;',
  },
];

/** A broken connection mends itself, and what was asked of it meanwhile is sent then. */
export const REPLAYED_QUEUE: Patch[] = [
  {
    file: 'utils/redis-link.js',
    find: 'disableOfflineQueue: true',
    replace: 'disableOfflineQueue: false',
  },
  {
    file: 'utils/redis-link.js',
    find: 'reconnectStrategy: false',
    replace: 'reconnectStrategy: 50',
  },
  {
    file: 'utils/redis-link.js',
    find: `            if (this.#client === client)
                this.reset();
`,
    replace: '',
  },
];

/** Whoever carries rows of the outbox to Redis keeps them locked meanwhile, and others wait for them. */
export const LOCK_ACROSS_REDIS: Patch[] = [
  {
    file: 'adapters/postgres-outbox-statements.js',
    find: '}::int FOR UPDATE SKIP LOCKED',
    replace: '}::int FOR UPDATE',
  },
  {
    file: 'propagation/outbox-drainer.js',
    find: 'await apply(items);',
    replace: `const { default: pg } = await import('pg');
            const locker = new pg.Client(process.env.DATABASE_URL);
            await locker.connect();
            await locker.query('BEGIN');
            const ids = items.map(({ id }) => id);
            await locker.query('SELECT 1 FROM sessions."Outbox" WHERE "id" = ANY($1) FOR UPDATE', [ids]);
            await apply(items).finally(() => locker.end());`,
  },
];

/** A late reply is given to the next question, and nobody looks whose it is. */
export const MIXED_REPLIES: Patch[] = [
  {
    file: 'utils/redis-singleton.js',
    find: 'abandoned: () => link.reset(),',
    replace: 'abandoned: () => undefined,',
  },
  {
    file: 'policy/session-record.js',
    find: `if (value['digest'] !== digest.slice(0, NAMED) || !isName(handle))`,
    replace: 'if (!isName(handle))',
  },
  {
    file: 'policy/session-record.js',
    find: `if (id !== userId || typeof email !== 'string'`,
    replace: `if (typeof email !== 'string'`,
  },
  {
    file: 'tiers/fast-copies.js',
    find: 'early !== null && owner === session.userId',
    replace: 'early !== null',
  },
];

/** What is read is kept near, whatever happened to it meanwhile. */
export const NO_LEASE: Patch[] = [
  {
    file: 'tiers/leases.js',
    find: 'lease.broken = true;',
    replace: '',
  },
];
