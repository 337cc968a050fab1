import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UserManager } from '../../src/types/index.ts';
import { METADATA, openStores, type Stores, WEEK } from './support.ts';

let stores: Stores;
let manager: UserManager;

beforeAll(async () => {
  stores = await openStores();
  manager = await stores.manager();
});

afterAll(() => stores.close());

type End = (userId: string, handles: string[]) => Promise<number>;

const actor = 'admin-1';
const VERBS: [name: string, end: End][] = [
  ['revokeSession', (id, [first = '']) => manager.revokeSession(id, first, { actor })],
  ['revokeOtherSessions', (id, [, kept = '']) => manager.revokeOtherSessions(id, kept, { actor })],
  ['revokeAllSessions', (id) => manager.revokeAllSessions(id, { actor })],
];

it.each(VERBS)('%s leaves with the record who asked for it', async (_name, end) => {
  const userId = await stores.user(manager);
  await manager.createSession(userId, METADATA, WEEK);
  await manager.createSession(userId, METADATA, WEEK);
  const handles = (await manager.listSessions(userId)).map(({ id }) => id);
  const ended = await end(userId, handles);
  await manager.cleanup();

  const { rows } = await stores.sql.query(
    `SELECT s."revokedBy" AS by FROM sessions."Session" s JOIN sessions."Subject" o ON o."id" = s."subject"
     WHERE o."userId" = $1 AND s."revokedAt" IS NOT NULL`,
    [userId],
  );
  expect(ended).toBeGreaterThan(0);
  expect(rows).toEqual(Array(ended).fill({ by: actor }));
});
