/** What decides how a manager is built. Empty counts as missing. */
export interface PlanFacts {
  nodeEnv: string | undefined;
  forceMockMode: boolean;
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
}

/** What to build, and why in one line. */
export type ManagerPlan =
  | { kind: 'mock'; sampleUsers: boolean; loud: boolean; why: string }
  | { kind: 'stores'; databaseUrl: string; redisUrl: string; orMock: boolean; why: string }
  | { kind: 'refuse'; why: string };

/**
 * From the environment to a plan. Pure and total.
 *
 * Production never gets sample users, and never mock mode without being told so by name. URLs with
 * an environment that we do not know are a deployment with a hole in it: refused, not guessed.
 */
export function planManager(facts: PlanFacts): ManagerPlan {
  const { nodeEnv, forceMockMode, databaseUrl, redisUrl } = facts;
  const missing = missingNames(facts);

  if (forceMockMode) {
    const production = nodeEnv === 'production';
    return mock('FORCE_MOCK_MODE=true', !production, production);
  }
  if (nodeEnv === 'test') return mock('NODE_ENV=test');

  if (nodeEnv === 'production') {
    if (databaseUrl && redisUrl) return stores(databaseUrl, redisUrl, false);
    return {
      kind: 'refuse',
      why: `NODE_ENV=production needs ${missing.join(' and ')}: set ${missing.length > 1 ? 'them' : 'it'} and start again`,
    };
  }

  if (nodeEnv === 'development') {
    if (databaseUrl && redisUrl) return stores(databaseUrl, redisUrl, true);
    return mock(`NODE_ENV=development without ${missing.join(' and ')}`);
  }

  const said = nodeEnv === undefined ? 'NODE_ENV is not set' : `NODE_ENV=${nodeEnv} is unknown`;
  if (databaseUrl || redisUrl) {
    return {
      kind: 'refuse',
      why: `${said}, but a store's URL is: set NODE_ENV to production, development or test`,
    };
  }
  return mock(`${said}, and no store's URL is`);
}

function missingNames({ databaseUrl, redisUrl }: PlanFacts): string[] {
  return [databaseUrl ? [] : ['DATABASE_URL'], redisUrl ? [] : ['REDIS_URL']].flat();
}

function mock(why: string, sampleUsers = true, loud = false): ManagerPlan {
  return { kind: 'mock', sampleUsers, loud, why };
}

function stores(databaseUrl: string, redisUrl: string, orMock: boolean): ManagerPlan {
  return { kind: 'stores', databaseUrl, redisUrl, orMock, why: 'both URLs are set' };
}
