import { describe, expect, it } from 'vitest';
import { type PlanFacts, planManager } from '../../src/policy/manager-plan.ts';

const DB = 'postgresql://db.example/app';
const REDIS = 'redis://cache.example';
const plan = (nodeEnv: string | undefined, urls: string, forceMockMode = false) => {
  const facts: PlanFacts = {
    nodeEnv,
    forceMockMode,
    databaseUrl: urls.includes('db') ? DB : undefined,
    redisUrl: urls.includes('redis') ? REDIS : undefined,
  };
  return planManager(facts);
};

describe('the plan of a manager', () => {
  it.each<[string | undefined, string, string]>([
    ['production', 'db redis', 'stores'],
    ['production', 'db', 'refuse'],
    ['production', 'redis', 'refuse'],
    ['production', '', 'refuse'],
    ['development', 'db redis', 'stores'],
    ['development', 'db', 'mock'],
    ['development', '', 'mock'],
    ['test', 'db redis', 'mock'],
    ['test', '', 'mock'],
    [undefined, '', 'mock'],
    ['staging', '', 'mock'],
    [undefined, 'db redis', 'refuse'],
    [undefined, 'redis', 'refuse'],
    ['staging', 'db redis', 'refuse'],
    ['prod', 'db', 'refuse'],
    ['Production', 'db redis', 'refuse'],
  ])('NODE_ENV %s with URLs [%s] gives %s', (nodeEnv, urls, kind) => {
    expect(plan(nodeEnv, urls).kind).toBe(kind);
  });

  it.each(['production', 'development', 'test', 'staging', undefined])(
    'FORCE_MOCK_MODE gives mock with NODE_ENV %s, whatever the URLs',
    (nodeEnv) => {
      expect(plan(nodeEnv, 'db redis', true).kind).toBe('mock');
    },
  );

  it('gives no sample user in production and says so loudly', () => {
    expect(plan('production', '', true)).toMatchObject({ sampleUsers: false, loud: true });
    expect(plan('test', '')).toMatchObject({ sampleUsers: true, loud: false });
  });

  it('names each missing variable', () => {
    expect(plan('production', '').why).toMatch(/DATABASE_URL and REDIS_URL/);
    expect(plan('production', 'db').why).not.toMatch(/DATABASE_URL/);
    expect(plan('production', 'db').why).toMatch(/REDIS_URL/);
  });

  it('falls back to mock in development only', () => {
    expect(plan('development', 'db redis')).toMatchObject({ orMock: true });
    expect(plan('production', 'db redis')).toMatchObject({ orMock: false });
  });
});
