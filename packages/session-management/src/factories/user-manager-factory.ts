import { DEFAULT_REALM } from '../policy/limits.ts';
import { planManager } from '../policy/manager-plan.ts';
import { REALM_NAME } from '../policy/realm-policy.ts';
import {
  ConfigurationInvalidError,
  EnvironmentRefusedError,
  type Logger,
  type ManagerConfiguration,
  type SessionEventHook,
  type UserManager,
} from '../types/index.ts';
import { monotonicClock as monotonic } from '../utils/clock.ts';
import { environmentSeen, getEnvironment } from '../utils/environment.ts';
import { consoleLogger } from '../utils/logger.ts';
import { once } from '../utils/once.ts';
import { random } from '../utils/random.ts';
import { fingerprint } from '../utils/shared.ts';
import { type BuiltManager, buildMock, buildOnStores } from './build-manager.ts';
import { placeOfRedis, placeOfUrl } from './fault-words.ts';
import {
  closeEntry,
  type Entry,
  type FactoryState,
  factoryState,
  forget,
} from './manager-cache.ts';
import { scheduleCleanup } from './scheduled-cleanup.ts';
import { type ManagerSettings, readSettings } from './settings.ts';

/**
 * Makes user managers, one per configuration and process: mock, or PostgreSQL + Redis, as the
 * environment says. The instances live on `globalThis`, since a bundler may load this class twice.
 */
export class UserManagerFactory {
  /**
   * The manager of this configuration. Parallel first calls share one build; a failed build is
   * forgotten, so that the next call tries again.
   *
   * @throws {EnvironmentRefusedError} in production without both URLs, and with an unknown `NODE_ENV`
   *   where a URL is set.
   * @throws {ConfigurationInvalidError} for a setting that cannot be read.
   */
  static async create(config: ManagerConfiguration = {}): Promise<UserManager> {
    const state = factoryState();
    const entry = entryOf(state, config);
    const { manager } = await entry.built.get();
    if (manager.isClosed) forget(state, entry);
    if (entry.dropped) return await UserManagerFactory.create(config);
    state.last = manager;
    return manager;
  }

  /**
   * The manager of the environment, for a request's context: calls `create()`.
   *
   * @param realm - A view of the same stores for an application with sessions of its own.
   */
  static async createForContext(realm: string = DEFAULT_REALM): Promise<UserManager> {
    if (realm === DEFAULT_REALM) return await UserManagerFactory.create();
    if (!REALM_NAME.test(realm)) {
      throw new ConfigurationInvalidError(
        'realm must be a lower-case letter followed by up to 31 letters, digits or "-"',
      );
    }
    await UserManagerFactory.create();
    const entry = entryOf(factoryState(), {});
    const { forRealm } = await entry.built.get();
    const known = entry.views.get(realm);
    const view = known?.isClosed === false ? known : forRealm(realm);
    entry.views.set(realm, view);
    return view;
  }

  /**
   * Forgets every manager. Returns at once; calls that run end well, later ones are refused, and
   * what the factory opened is closed. A client taken through `getPrismaClient` stays open.
   */
  static clearCache(): void {
    const state = factoryState();
    const entries = [...state.entries.values()];
    state.entries.clear();
    state.last = null;
    state.ambient = null;
    for (const entry of entries) {
      entry.dropped = true;
      void closeEntry(entry);
    }
  }

  /** The manager that `create` gave last; `null` before the first, after `clearCache` and once it is closed. */
  static getCachedInstance(): UserManager | null {
    const { last } = factoryState();
    return last?.isClosed ? null : last;
  }
}

function entryOf(state: FactoryState, config: ManagerConfiguration): Entry {
  const isAmbient = Object.keys(config).length === 0;
  const seen = isAmbient ? environmentSeen() : '';
  if (isAmbient && state.ambient?.seen === seen) return state.ambient.entry;

  const entry = entryOfSettings(state, config);
  if (isAmbient) state.ambient = { seen, entry };
  return entry;
}

function entryOfSettings(state: FactoryState, config: ManagerConfiguration): Entry {
  const { logger = consoleLogger, onEvent, ...plain } = config;
  const settings = readSettings(plain);
  const { facts, timing, ...values } = settings;
  const key = fingerprint({ ...facts, ...timing, ...values });
  const known = state.entries.get(key);
  if (known) {
    if (!known.reused) logger.debug('session.manager_reused', { from: 'cache' });
    known.reused = true;
    known.onEvent = onEvent ?? known.onEvent;
    return known;
  }

  const entry: Entry = {
    built: once(async () => {
      const built = await buildManager(settings, logger, (event) => entry.onEvent?.(event));
      scheduleCleanup(built.manager, settings.cleanupEvery, { logger, monotonic, random });
      return built;
    }),
    views: new Map(),
    dropped: false,
    reused: false,
    onEvent,
  };
  state.entries.set(key, entry);
  return entry;
}

async function buildManager(
  settings: ManagerSettings,
  logger: Logger,
  onEvent: SessionEventHook,
): Promise<BuiltManager> {
  const { policies, facts, logInLimits, ...rest } = settings;
  const plan = planManager(facts);
  explain(logger, settings, plan.kind, plan.why);

  if (plan.kind === 'refuse') throw new EnvironmentRefusedError(plan.why);
  if (plan.kind === 'mock') {
    if (plan.loud) logger.warn('session.mock_in_production', { why: plan.why });
    else if (facts.nodeEnv === 'development') logger.info('session.mock', { why: plan.why });
    return buildMock(plan.sampleUsers, policies, logInLimits, logger, onEvent);
  }

  const { databaseUrl, redisUrl } = plan;
  const stores = {
    ...rest,
    databaseUrl,
    redisUrl,
    policies,
    logInLimits,
  };
  const built = await buildOnStores(stores, logger, onEvent);
  if (built.answering || !plan.orMock) return built;

  logger.warn('session.mock', { why: 'NODE_ENV=development and the stores do not answer' });
  await built.manager.close();
  return buildMock(true, policies, logInLimits, logger, onEvent);
}

/** Which environment was seen, which mode was chosen and why; never credentials, never in production. */
function explain(logger: Logger, { facts }: ManagerSettings, kind: string, why: string): void {
  if (facts.nodeEnv === 'production') return;
  logger.debug('session.plan', {
    environment: getEnvironment(),
    mode: kind,
    why,
    database: facts.databaseUrl ? placeOfUrl(facts.databaseUrl) : 'none',
    redis: facts.redisUrl ? placeOfRedis(facts.redisUrl) : 'none',
  });
}
