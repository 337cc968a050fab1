import type { Patch } from './build.ts';

/** The next master is named by the statement that takes the old name out. */
export const ONE_STATEMENT: Patch[] = [
  {
    file: 'propagation/name-masters.js',
    find: 'await names.keepOnly(owner, isAll ? present : [...named.keys(), ...present]);\n',
    replace: '',
  },
  {
    file: 'adapters/postgres-masters.js',
    find: `FROM unnest($2::text[]) AS name), '{}') || "since"`,
    replace: `FROM unnest($2::text[]) AS name), '{}')`,
  },
];

/** What was confirmed before its master counted is believed. */
export const NO_SINCE: Patch[] = [
  {
    file: 'tiers/fast-copies.js',
    find: '|| changes.distrusts(confirmedAt) || confirmedAt < since)',
    replace: '|| changes.distrusts(confirmedAt))',
  },
];

const CARRIED =
  'text: `SELECT FROM sessions.outbox_carried($1::text[], $2::text[], $3::bigint[], $4::text[])`';
const DELETE_CARRIED = `DELETE FROM sessions."Outbox" o
      USING unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS done(kind, key, version, master)
      WHERE o."key" = done.key AND o."kind" = done.kind AND o."version" <= done.version`;
const IS_NAMED = `AND EXISTS (SELECT FROM sessions."Masters" m WHERE m."since" ? done.master)`;

/** Rows are deleted whether the master that took them counts or not. */
export const DELETE_BLIND: Patch[] = [
  {
    file: 'adapters/postgres-outbox.js',
    find: CARRIED,
    replace: `text: \`${DELETE_CARRIED} AND done.master IS NOT NULL\``,
  },
];

/** Whoever meets a master names it, with the lease or without. */
export const NO_LEASE: Patch[] = [
  {
    file: 'adapters/postgres-masters.js',
    find: 'const HOLDS = `EXISTS (SELECT FROM sessions."Lease" WHERE "owner" = $1::text AND "until" > clock_timestamp())`;',
    replace: 'const HOLDS = `$1::text IS NOT NULL`;',
  },
  {
    file: 'propagation/carrier.js',
    find: `        if (!this.#lease.isHeld && heard.news?.carrier !== null) {
            return (heard.news?.carrier ?? owner) !== owner;
        }
`,
    replace: `        if (!this.#lease.isHeld && heard.news?.carrier !== null) {
            const { news } = heard;
            if (news && await nameMasters(names, owner, news.since, await masters.present())) await heard.hear();
            return true;
        }
`,
  },
];

/** A connection asks once whom it speaks to. */
export const ASKED_ONCE: Patch[] = [
  {
    file: 'utils/redis-link.js',
    find: 'setInterval(() => void this.#identify(), IDENTIFY_EVERY)',
    replace: 'setInterval(() => undefined, IDENTIFY_EVERY)',
  },
];

/** A look leaves out what was in progress at the look before. */
export const FROM_THE_LATEST: Patch[] = [
  {
    file: 'adapters/postgres-outbox.js',
    find: "open: open === '' ? [] : open.split(',')",
    replace: 'open: []',
  },
];

/** What was heard stands in a process that was stopped since. */
export const HEARD_IN_SLEEP: Patch[] = [
  {
    file: 'propagation/heard-masters.js',
    find: 'now - this.#tickedAt <= HEARD_FOR &&',
    replace: '',
  },
  {
    file: 'propagation/heard-masters.js',
    find: 'now - this.#tickedAt > HEARD_FOR ||',
    replace: '',
  },
];

/** Whoever carries rows to Redis keeps them locked meanwhile, and others wait for them. */
export const LOCK_ACROSS_REDIS: Patch[] = [
  {
    file: 'adapters/postgres-outbox.js',
    find: CARRIED,
    replace: `text: \`${DELETE_CARRIED} ${IS_NAMED}\``,
  },
  {
    file: 'propagation/carrier.js',
    find: 'const done = await outbox.delete(await applyApart(apply, rows, this.#parts.logger));',
    replace: `const { default: pg } = await import('pg');
        const locker = new pg.Client(process.env.DATABASE_URL);
        await locker.connect();
        await locker.query('BEGIN');
        await locker.query('SELECT FROM sessions."Outbox" WHERE "id" = ANY($1) FOR UPDATE', [rows.map(({ id }) => id)]);
        const taken = await apply(rows).finally(() => locker.end());
        const done = await outbox.delete(taken);`,
  },
];
