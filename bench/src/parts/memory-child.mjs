// A process of its own, so that only near copies are on the scales. Lives until it is told to end, since
// what Redis keeps for it is weighed too.
import { lookUpAll, ourManager } from '../cases/ours.mjs';

const WARM = 500;

process.once('message', async (given) => {
  const answer = await weigh(given).then(
    (bytes) => ({ bytes }),
    (error) => ({ error: error.stack }),
  );
  process.send(answer);
  process.once('message', () => process.exit());
});

async function weigh({ sessionIds, urls }) {
  const entries = sessionIds.length * 2;
  const manager = await ourManager(urls, { nearCopies: entries, nearCopiesBytes: 1_000_000_000 });
  await lookUpAll(manager, sessionIds.slice(0, WARM));
  const before = heap();
  await lookUpAll(manager, sessionIds);
  return (heap() - before) / (sessionIds.length - WARM);
}

function heap() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
