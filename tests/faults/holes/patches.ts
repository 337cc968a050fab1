import type { Patch } from './build.ts';

/** A copy past its time still counts. */
export const EXPIRED_COPY: Patch[] = [
  {
    file: 'policy/read-order.js',
    find: 'if (isExpired(session.expiresAt, now))',
    replace: 'if (false)',
  },
];

/** An end leaves the copy where it is. */
export const NO_TOMBSTONE: Patch[] = [
  {
    file: 'tiers/session-writes.js',
    find: `await settle('end', () => copies.sessions.end(digests, realm));`,
    replace: ';',
  },
  {
    file: 'propagation/apply-changes.js',
    find: '...[...gone].map(([realm, digests]) => parts.sessionCopies.end(digests, realm)),',
    replace: '',
  },
];

/** A write to a copy compares nothing. */
export const UNVERSIONED_FILL: Patch[] = [
  {
    file: 'adapters/redis-script.js',
    find: `if there == 'tombstone' then return 0 end
if there then
  local version, confirmed = tonumber(ARGV[3]), tonumber(ARGV[4])
  if there.version > version then return 0 end
  if there.version == version and there.confirmed_at > confirmed then return 0 end
end
`,
    replace: '',
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
    find: 'if (user === null || user.version !== session.userVersion)',
    replace: 'if (user === null)',
  },
];

/** The user's copy may be of any age. */
export const AGELESS_USER: Patch[] = [
  {
    file: 'policy/read-order.js',
    find: 'now - Math.min(session.confirmedAt, user.confirmedAt)',
    replace: 'now - session.confirmedAt',
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

const AN_HOUR_AHEAD = 'confirmed_at: Date.now() + 3_600_000,';

/** A process dates copies by a clock of its own that is an hour ahead. */
export const OWN_CLOCK: Patch[] = [
  {
    file: 'policy/session-record.js',
    find: 'confirmed_at: session.confirmedAt,',
    replace: AN_HOUR_AHEAD,
  },
  {
    file: 'policy/session-record.js',
    find: 'confirmed_at: confirmedAt,\n    });',
    replace: `${AN_HOUR_AHEAD}\n    });`,
  },
];

/** The same, and a copy may be dated ahead. */
export const TRUSTED_OWN_CLOCK: Patch[] = [
  ...OWN_CLOCK,
  {
    file: 'policy/read-order.js',
    find: 'if (latest > now + LIMITS.FUTURE)',
    replace: 'if (false)',
  },
];
