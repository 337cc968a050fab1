import { createClient } from '@redis/client';
import { openPool } from '../stores.mjs';
import { allCases } from './index.mjs';
import { openSessions, ourManager, ourStores } from './ours.mjs';

/** Sets up every case with its own database, its own keys, and a session for each user. */
export async function openCases(context) {
  let made;
  const shared = (given) => {
    made ??= shareOurs(given);
    return made;
  };
  const opened = [];
  for (const { open, ...one } of allCases(shared)) {
    opened.push({ ...one, open: await open(context) });
  }
  return opened;
}

/** What the product's cases have in common: one population in one pair of stores. */
async function shareOurs({ stores, users }) {
  const urls = await ourStores(stores, users);
  const manager = await ourManager(urls, { nearCopies: 0 });
  const sessionIds = await openSessions(manager, users);
  const redis = createClient({ url: urls.redisUrl });
  redis.on('error', () => undefined);
  await redis.connect();
  return { urls, sessionIds, pool: openPool(urls.databaseUrl), redis };
}
