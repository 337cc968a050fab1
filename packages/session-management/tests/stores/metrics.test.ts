import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { countLogIn, watchHashQueue } from '../../src/factories/log-in-metrics.ts';
import { METRICS, type SessionEvent, type UserManager } from '../../src/types/index.ts';
import { type Collector, startCollector } from '../metrics.ts';
import { believed, METADATA, openStores, planOf, quiet, type Stores, WEEK } from './support.ts';

let collector: Collector;
let stores: Stores;
let here: UserManager;
let there: UserManager;
const told: SessionEvent[] = [];

beforeAll(async () => {
  collector = startCollector();
  stores = await openStores();
  const built = async () => {
    const plan = planOf(stores.databaseUrl, stores.redisUrl);
    return (await buildOnStores(plan, quiet, (event) => void told.push(event))).manager;
  };
  [here, there] = [await built(), await built()];
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await stores.close();
  await collector.close();
});

/** What the row of each ended session says once it is marked, and how many say it. */
async function rows(): Promise<Record<string, number>> {
  await here.cleanup();
  const { rows: reasons } = await stores.sql.query(
    `SELECT coalesce("revokedReason", 'lives') AS reason, count(*)::int AS rows FROM sessions."Session" GROUP BY 1`,
  );
  return Object.fromEntries(reasons.map(({ reason, rows: count }) => [reason, count]));
}

/** A change that no process has made. */
async function carriedFromPsql(): Promise<void> {
  const userId = await stores.user(here);
  await here.createSession(userId, METADATA, WEEK);
  await stores.sql.query(`UPDATE "User" SET "role" = 'ADMIN' WHERE "id" = $1`, [userId]);
}

const HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`;

/** Two users, twelve log-ins and every way by which a session ends. */
async function script(): Promise<void> {
  const [one, other] = [await stores.user(here), await stores.user(here)];
  const open = (userId: string, ttl = WEEK) => here.createSession(userId, METADATA, ttl);
  const nameOf = async (sessionId: string) => {
    const found = await here.validateSession(sessionId);
    return found.status === 'active' ? found.session.id : '';
  };

  await here.deleteSession(await open(one));
  await here.revokeSession(one, await nameOf(await open(one)));
  const kept = await open(one);
  await open(one);
  await open(one);
  expect(await here.revokeOtherSessions(one, await nameOf(kept))).toBe(2);
  await here.extendSession(kept, WEEK);
  await open(other);
  await open(other);
  await open(other);
  expect(await here.revokeAllSessions(other)).toBe(3);
  const keepHandle = await nameOf(kept);
  await open(one);
  await here.update(one, { hashedPassword: HASH }, { keepHandle });

  const brief = await open(other, 1);
  await open(other);
  await vi.waitFor(async () => {
    expect(await here.validateSession(brief)).toMatchObject({ reason: 'expired' });
  }, 3_000);
  await there.validateSession(kept);
  await there.validateSession(kept);
}

it('the metrics of a scripted run add up to its events and to the rows in PostgreSQL', async () => {
  await believed(here);
  await script();
  await carriedFromPsql();
  countLogIn('signed-in');
  countLogIn('refused');
  watchHashQueue(() => 3);
  await vi.waitFor(async () => {
    expect((await collector.collect()).get('session.outbox.depth')).toBe(0);
  });
  const counted = await collector.collect();
  const ended = told.flatMap((event) => {
    if (event.kind === 'revoked') return [event.reason];
    return event.kind === 'all-revoked' ? Array<string>(event.count).fill(event.reason) : [];
  });
  const of = (kind: string) => told.filter((event) => event.kind === kind).length;

  expect(counted.get('session.created')).toBe(12);
  expect(of('created')).toBe(12);
  const { lives, ...reasons } = await rows();
  expect(reasons).toEqual({
    'signed-out': 1,
    revoked: 1,
    'revoked-others': 2,
    'revoked-all': 3,
    'password-changed': 1,
  });
  expect(lives).toBe(4);
  for (const [reason, count] of Object.entries(reasons)) {
    expect(counted.get(`session.revoked ${reason}`)).toBe(count);
    expect(ended.filter((told) => told === reason)).toHaveLength(count);
  }
  expect(counted.get('session.expired')).toBe(1);
  expect(of('expired')).toBe(1);
  expect(counted.get('session.extended')).toBe(1);
  expect(counted.get('session.logins signed-in')).toBe(1);
  expect(counted.get('session.logins refused')).toBe(1);
  expect(counted.get('session.password_hashes.waiting')).toBe(3);
  expect(counted.get('session.near_copies')).toBeGreaterThanOrEqual(1);
  expect(counted.get('session.store.degraded postgres')).toBe(0);
  // What was typed into psql; what a process has carried by itself is nobody else's work.
  expect(counted.get('session.propagation.duration')).toBeGreaterThanOrEqual(1);

  const lookups = [...counted].filter(([series]) => series.startsWith('session.lookups '));
  const near = counted.get('session.lookups near active') ?? 0;
  expect(near).toBe((await here.health()).nearCopies.hits + (await there.health()).nearCopies.hits);
  expect(near).toBeGreaterThanOrEqual(1);
  expect(new Set(lookups.map(([series]) => series.split(' ')[1]))).toContain('fast');
});

it('no series names a user, a session or an address, and each has the attributes of the table', async () => {
  const series = [...(await collector.collect()).keys()];
  expect(series.length).toBeLessThan(60);
  for (const [name, ...values] of series.map((one) => one.split(' '))) {
    const definition = Object.entries(METRICS).find(([known]) => known === name)?.[1];
    expect(values).toHaveLength(definition?.attributes.length ?? -1);
    for (const value of values) expect(value).toMatch(/^[a-z-]{1,20}$/);
  }
});
