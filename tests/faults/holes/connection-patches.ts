import type { Patch } from './build.ts';

/** Every master counts, named or not. */
export const BLIND_TRUST: Patch[] = [
  {
    file: 'propagation/heard-masters.js',
    find: 'return this.news?.since.get(master) ?? null;',
    replace: 'return this.news?.since.get(master) ?? 0;',
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

/** A late reply is given to the next question, and nobody looks whose it is. */
export const MIXED_REPLIES: Patch[] = [
  {
    file: 'utils/redis-singleton.js',
    find: 'abandoned: () => link.reset(),',
    replace: 'abandoned: () => undefined,',
  },
  {
    file: 'policy/packed-session.js',
    find: 'if (parts === null || (check !== null && parts[1] !== check))',
    replace: 'if (parts === null)',
  },
  {
    file: 'policy/user-text.js',
    find: 'if (unpackNumber(owner) !== whose(userId))',
    replace: 'if (owner === undefined)',
  },
  {
    file: 'policy/session-view.js',
    find: 'id: user.id,',
    replace: 'id: session.userId,',
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
