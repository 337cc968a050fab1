import { judgeClocks } from '../policy/clocks-apart.ts';
import { bad, type Check, good, poor } from '../policy/diagnosis.ts';
import { planManager } from '../policy/manager-plan.ts';
import { isSessionError } from '../types/index.ts';
import { buildVariable, isMockForced } from '../utils/environment.ts';
import { examinePolicies } from './examine-policies.ts';
import {
  examineMigrations,
  examinePostgres,
  examineRights,
  type StoreExam,
} from './examine-postgres.ts';
import { examineRedis } from './examine-redis.ts';
import { examineSettings } from './examine-settings.ts';
import { readPolicies, readSettings, readVariable, wrongVariables } from './settings.ts';

/** A variable, unless it is missing or wrong. */
type Reader = (
  name: 'DATABASE_URL' | 'DATABASE_DIRECT_URL' | 'REDIS_URL' | 'SESSION_KEY_PREFIX',
) => string | undefined;

/** Where one of them cannot be read, there is no policy to tell. */
const POLICY_VARIABLES = ['SESSION_ABSOLUTE_TIMEOUT', 'SESSION_REALMS'];

const NOTHING: StoreExam = { checks: [], clocks: [] };

/**
 * Looks at everything that a manager of this environment would stand on. Changes nothing but
 * throw-away keys in Redis that live a second; what cannot be asked is left out.
 */
export async function examine(): Promise<Check[]> {
  const wrong = wrongVariables();
  const readable: Reader = (name) =>
    wrong.some((each) => each.name === name) ? undefined : readVariable(name);
  const databaseUrl = readable('DATABASE_URL');
  const redisUrl = readable('REDIS_URL');

  const [postgres, redis] = await Promise.all([
    databaseUrl === undefined ? NOTHING : examineDatabase(databaseUrl, readable),
    redisUrl === undefined ? NOTHING : examineRedis(redisUrl, readable('SESSION_KEY_PREFIX') ?? ''),
  ]);
  const clocks = [...postgres.clocks, ...redis.clocks];
  return [
    ...judgeVariables(wrong.map(({ complaint }) => complaint)),
    ...(wrong.some(({ name }) => POLICY_VARIABLES.includes(name))
      ? []
      : examinePolicies(readPolicies)),
    ...(wrong.length > 0 ? [] : examineSettings(() => readSettings({}))),
    ...postgres.checks,
    ...redis.checks,
    ...(clocks.length === 0 ? [] : [judgeClocks(clocks)]),
  ];
}

/** Both ways to PostgreSQL. Of one way that leads nowhere, it is said once. */
async function examineDatabase(databaseUrl: string, read: Reader): Promise<StoreExam> {
  const { checks, clocks } = await examinePostgres(databaseUrl);
  const directUrl = read('DATABASE_DIRECT_URL') ?? databaseUrl;
  if (clocks.length === 0 && directUrl === databaseUrl) return { checks, clocks };

  const migrations = await examineMigrations(directUrl);
  const rights = await examineRights(directUrl);
  return { checks: [...checks, ...rights, migrations], clocks };
}

function judgeVariables(wrong: readonly string[]): Check[] {
  try {
    const mode = judgeMode(isMockForced());
    return [...wrong.map(complaintOf), ...(wrong.length === 0 ? [VARIABLES_GOOD] : []), mode];
  } catch (error) {
    if (!isSessionError(error)) throw error;
    return [...wrong, error.message].map(complaintOf);
  }
}

const VARIABLES_GOOD = good('variables', 'each one that is set can be read');

function complaintOf(complaint: string): Check {
  return bad('variables', complaint, 'correct it, or remove it where it has a default');
}

/** What the factory would make of this environment. */
function judgeMode(forceMockMode: boolean): Check {
  const plan = planManager({
    nodeEnv: buildVariable('NODE_ENV'),
    forceMockMode,
    databaseUrl: buildVariable('DATABASE_URL'),
    redisUrl: buildVariable('REDIS_URL'),
  });
  if (plan.kind === 'stores') return good('mode', 'PostgreSQL and Redis');
  const mend = 'set NODE_ENV, DATABASE_URL and REDIS_URL as the application has them';
  if (plan.kind === 'refuse')
    return bad('mode', `the application refuses to start: ${plan.why}`, mend);
  return poor('mode', `memory, gone with the process: ${plan.why}`, mend);
}
