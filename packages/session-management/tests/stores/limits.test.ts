import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { DEFAULT_POLICY } from '../../src/policy/realm-policy.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import { encodeTombstone } from '../../src/policy/session-record.ts';
import type { UserManager } from '../../src/types/index.ts';
import { namesOn } from '../postgres/database.ts';
import { METADATA, openStores, planOf, quiet, type Stores, WEEK } from './support.ts';

const limit = { most: 5, rule: 'end-oldest' } as const;
const policies = { standard: { ...DEFAULT_POLICY, limit }, realms: {} };

let stores: Stores;
let here: UserManager;
let there: UserManager;

beforeAll(async () => {
  stores = await openStores();
  const plan = { ...planOf(stores.databaseUrl, stores.redisUrl), policies };
  const built = await Promise.all([buildOnStores(plan, quiet), buildOnStores(plan, quiet)]);
  [here, there] = [built[0].manager, built[1].manager];
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await stores.close();
});

const stateOf = async (manager: UserManager, sessionId: string) => {
  const found = await manager.validateSession(sessionId);
  return found.status === 'active' ? 'active' : found.reason;
};

it('leaves the limit of 50 log-ins through two processes, and each refuses the same others', async () => {
  const userId = await stores.user(here);
  const logIns = Array.from({ length: 50 }, (_, n) =>
    (n % 2 === 0 ? here : there).createSession(userId, METADATA, WEEK),
  );
  const opened = await Promise.all(logIns);

  const [first, second] = await Promise.all(
    [here, there].map((manager) => Promise.all(opened.map((id) => stateOf(manager, id)))),
  );
  expect(first?.filter((state) => state === 'active')).toHaveLength(5);
  expect(first?.filter((state) => state === 'revoked')).toHaveLength(45);
  expect(second).toEqual(first);

  const { rows } = await stores.sql.query(
    `SELECT sessions.digest_text(s."digest") AS digest, s."revokedReason" AS reason
     FROM sessions."Session" s JOIN sessions."Subject" o ON o."id" = s."subject"
     WHERE o."userId" = $1 AND s."revokedAt" IS NOT NULL`,
    [userId],
  );
  const ended = opened.filter((_, n) => first?.[n] === 'revoked').map((id) => digestOf(id));
  expect(rows.map(({ digest }) => digest).toSorted()).toEqual(ended.toSorted());
  expect(new Set(rows.map(({ reason }) => reason))).toEqual(new Set(['limit']));
  const { check, session } = await namesOn(stores.databaseUrl);
  const copies = await stores.redis.mGet(ended.map((digest) => session(digest)));
  expect(copies).toEqual(ended.map((digest) => encodeTombstone(check(digest))));
});

it('refuses in the other process what it has near, as soon as the log-in is answered', async () => {
  const userId = await stores.user(here);
  const first = await there.createSession(userId, METADATA, WEEK);
  for (let n = 0; n < 3; n += 1) expect(await stateOf(there, first)).toBe('active');
  for (let n = 0; n < limit.most; n += 1) await here.createSession(userId, METADATA, WEEK);

  expect(await stateOf(here, first)).toBe('revoked');
  await expect.poll(() => stateOf(there, first), { timeout: 1_000 }).toBe('revoked');
});
