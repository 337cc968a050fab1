import { redisFacts, redisNow } from '../adapters/redis-diagnosis.ts';
import type { ClockReading } from '../policy/clocks-apart.ts';
import { bad, type Check, good, judgeRedis } from '../policy/diagnosis.ts';
import { hasCode } from '../types/index.ts';
import { newHandle } from '../utils/random.ts';
import { parseRedisAddress } from '../utils/redis-address.ts';
import { openRedisNode } from '../utils/redis-node.ts';
import { masterUrls } from './after-restore.ts';
import type { StoreExam } from './examine-postgres.ts';
import { placeOfRedis, wordsOf } from './fault-words.ts';
import { readClock } from './read-clock.ts';

/** Every master, told apart where there is more than one. */
export async function examineRedis(redisUrl: string, keyPrefix: string): Promise<StoreExam> {
  const place = placeOfRedis(redisUrl);
  try {
    const isCluster = parseRedisAddress(redisUrl).shape === 'cluster';
    const urls = isCluster ? await masterUrls(redisUrl) : [redisUrl];
    const exams = await Promise.all(
      urls.map((url) =>
        examineNode(url, isCluster ? `Redis ${placeOfRedis(url)}` : 'Redis', keyPrefix),
      ),
    );
    const clocks = exams.flatMap(({ clock }) => clock ?? []);
    return { checks: [good('redis', `${place} answers`), ...worstOf(exams)], clocks };
  } catch (error) {
    if (!hasCode(error, 'STORE_UNAVAILABLE')) throw error;
    const found = `${place} does not answer: ${wordsOf(error)}`;
    return { checks: [bad('redis', found, 'start it, or correct REDIS_URL')], clocks: [] };
  }
}

interface NodeExam {
  name: string;
  checks: Check[];
  /** `null` where our user may not ask for it. */
  clock: ClockReading | null;
}

async function examineNode(url: string, name: string, keyPrefix: string): Promise<NodeExam> {
  const { client, close } = await openRedisNode(url);
  try {
    const facts = await redisFacts(client, () => `doctor-${newHandle()}`, keyPrefix);
    const mayAsk = !facts.refused.includes('TIME');
    const clock = mayAsk ? await readClock(name, () => redisNow(client)) : null;
    return { name, checks: judgeRedis(facts), clock };
  } finally {
    close();
  }
}

const ORDER = { ok: 0, warn: 1, fail: 2 } as const;

/** Of each check the worst of all nodes, and of which node it is. */
function worstOf(exams: readonly NodeExam[]): Check[] {
  const [first, ...others] = exams.map(({ checks, name }) =>
    checks.map((check) =>
      exams.length === 1 || check.status === 'ok'
        ? check
        : { ...check, found: `${name}: ${check.found}` },
    ),
  );
  return (first ?? []).map((check, index) =>
    others.reduce((worst, checks) => {
      const next = checks[index] ?? worst;
      return ORDER[next.status] > ORDER[worst.status] ? next : worst;
    }, check),
  );
}
