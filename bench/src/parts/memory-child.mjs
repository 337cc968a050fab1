// A process of its own, so that only near copies are on the scales.
import { lookUpAll, openSessions, ourManager } from '../cases/ours.mjs';
import { makeUsers } from '../population.mjs';

const WARM = 500;

process.once('message', async ({ urls, count }) => {
  const answer = await weigh(urls, count).then(
    (bytes) => ({ bytes }),
    (error) => ({ error: error.stack }),
  );
  process.send(answer, () => process.exit());
});

async function weigh(urls, count) {
  const sessionIds = await openAll(urls, count);
  const manager = await ourManager(urls, { nearCopies: count * 2, nearCopiesBytes: 1_000_000_000 });
  await lookUpAll(manager, sessionIds.slice(0, WARM));
  const before = heap();
  await lookUpAll(manager, sessionIds);
  const bytes = (heap() - before) / (count - WARM);
  await manager.close();
  return bytes;
}

/** By another manager, so that what this process knows of its own log-ins is not weighed. */
async function openAll(urls, count) {
  const manager = await ourManager(urls, { nearCopies: 0 });
  const sessionIds = await openSessions(manager, makeUsers(count));
  await manager.close();
  return sessionIds;
}

function heap() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
