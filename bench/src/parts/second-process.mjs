// Another process of the same application: revokes on request, or watches while the first revokes.
import { ourManager } from '../cases/ours.mjs';
import { answerRevokes, watch } from './watching.mjs';

const { urls, nearCopies } = JSON.parse(process.argv[2]);
const manager = await ourManager(urls, { nearCopies });
const misses = await ourManager(urls, { nearCopies: 0 });
answerRevokes(process, manager);

process.on('message', async (message) => {
  if (message.type === 'watch') {
    const { sessionIds, others, load } = message;
    const result = await watch({ channel: process, manager, misses, sessionIds, others, load });
    process.send({ type: 'watched', result });
  }
  if (message.type === 'end') {
    await Promise.all([manager.close(), misses.close()]);
    process.disconnect();
  }
});
process.send({ type: 'ready' });
