import type { Patch } from './build.ts';

/** A copy past its time still counts. */
export const EXPIRED_COPY: Patch[] = [
  {
    file: 'policy/read-order.js',
    find: 'if (isExpired(expiresAt, now))',
    replace: 'if (false)',
  },
];

/** An end leaves the copy where it is. */
export const NO_TOMBSTONE: Patch[] = [
  {
    file: 'tiers/session-writes.js',
    find: `await settle('end', () => own.end(digests, realm));`,
    replace: ';',
  },
  {
    file: 'propagation/apply-changes.js',
    find: "writes.set(key, () => sessionCopies.end([key], realm ?? 'web'));",
    replace: 'writes.set(key, async () => undefined);',
  },
];

/** A write to a copy compares nothing. */
export const UNVERSIONED_FILL: Patch[] = [
  {
    file: 'adapters/redis-script.js',
    find: `local there = rank(ARGV[5])
if there == 'tombstone'`,
    replace: `local there = nil
if there == 'tombstone'`,
  },
];

/** A statement may be joined until its answer has come. */
export const JOINED_FLIGHT: Patch[] = [
  {
    file: 'tiers/record-batcher.js',
    find: `            if (this.#open === batch)
                this.#open = null;
            try {
                return await this.#records.read([...digests]);
            }
            finally {
`,
    replace: `            try {
                return await this.#records.read([...digests]);
            }
            finally {
                if (this.#open === batch)
                    this.#open = null;
`,
  },
];

/** A process does not remember what it ended. */
export const FORGETS_ENDS: Patch[] = [
  {
    file: 'tiers/known-changes.js',
    find: 'this.#sessions.set(digest, ENDED);',
    replace: '',
  },
];

/** A session is believed beside any version of its user. */
export const UNEQUAL_VERSIONS: Patch[] = [
  {
    file: 'tiers/fast-copies.js',
    find: 'held !== null && held.version === userVersion;',
    replace: 'held !== null;',
  },
];

/** An outage is told as "unknown". */
export const SWALLOWED_OUTAGE: Patch[] = [
  {
    file: 'tiers/session-lookup.js',
    find: `            if (found)
                return found;
            throw error;
`,
    replace: '            return found ?? UNKNOWN;\n',
  },
];

/** A log-in that the record did not take is acknowledged. */
export const COOKIE_FOR_NOTHING: Patch[] = [
  {
    file: 'managers/session-user-manager.js',
    find: 'keeper.create({ ...opening, ...termsOfNew(this.policy, ttlMs), provedBy });',
    replace:
      'keeper.create({ ...opening, ...termsOfNew(this.policy, ttlMs), provedBy }).catch(() => undefined);',
  },
];

/** A process dates copies by a clock of its own that is an hour ahead. */
export const OWN_CLOCK: Patch[] = [
  {
    file: 'policy/packed-session.js',
    find: 'packNumber(session.confirmedAt),',
    replace: 'packNumber(Date.now() + 3_600_000),',
  },
];

/** The same, and a copy may be dated ahead. */
export const TRUSTED_OWN_CLOCK: Patch[] = [
  ...OWN_CLOCK,
  {
    file: 'policy/read-order.js',
    find: 'if (confirmedAt > now + LIMITS.FUTURE)',
    replace: 'if (false)',
  },
];
