import { openPool, openRedis } from '../stores.mjs';
import { allCases } from './index.mjs';
import { openSessions, ourManager, ourStores } from './ours.mjs';

/** Sets up every case, or those that are named, with its own database, its own keys, and a session for each user. */
export async function openCases(context, ids = null) {
  let made;
  const shared = (given) => {
    made ??= shareOurs(given);
    return made;
  };
  const opened = [];
  for (const { open, ...one } of allCases(shared)) {
    if (ids !== null && !ids.includes(one.id)) continue;
    opened.push({ ...one, open: await open(context) });
  }
  return opened;
}

/** What the product's cases have in common: one population in one pair of stores. */
async function shareOurs({ stores, users }) {
  const urls = await ourStores(stores, users);
  const manager = await ourManager(urls, { nearCopies: 0 });
  const sessionIds = await openSessions(manager, users);
  const redis = await openRedis(urls.redisUrl);
  return { urls, sessionIds, pool: openPool(urls.databaseUrl), redis };
}
