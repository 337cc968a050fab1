import { createUserManager, userManager } from '@repo/exchange-core';
import { MockUserManagerWrapper } from '../managers/mock-user-manager-wrapper.ts';
import { ProductionUserManager } from '../managers/production-user-manager.ts';
import type {
  Logger,
  LogInLimits,
  ManagerParts,
  SessionEventHook,
  SessionPolicies,
  UserManager,
} from '../types/index.ts';
import { metricRegistry } from '../utils/metric-registry.ts';
import { openStores, type StoresPlan } from './open-stores.ts';

/** A manager that can tell whether somebody closed it, and when. */
export type Closable = UserManager & { readonly isClosed: boolean; readonly closing: AbortSignal };

/** A manager, and views of the same stores for other realms. */
export interface BuiltManager {
  manager: Closable;
  /** A view of the same stores; closing it closes no store. */
  forRealm(realm: string): Closable;
}

/** The in-memory product: sample users outside production, nobody in it. */
export function buildMock(
  sampleUsers: boolean,
  policies: SessionPolicies,
  logInLimits: LogInLimits | null,
  logger: Logger,
  onEvent: SessionEventHook,
): BuiltManager {
  const users = sampleUsers ? userManager : createUserManager();
  const metrics = metricRegistry();
  const manager = new MockUserManagerWrapper(users, {
    policies,
    logInLimits,
    logger,
    onEvent,
    metrics,
  });
  return { manager, forRealm: (realm) => manager.forRealm(realm) };
}

/**
 * PostgreSQL + Redis. Whether they answer now is told by `answering`; the manager heals by itself
 * when they come back.
 */
export async function buildOnStores(
  plan: StoresPlan,
  logger: Logger,
  onEvent: SessionEventHook | null = null,
): Promise<BuiltManager & { answering: boolean }> {
  const { answering, parts } = await openStores(plan, logger, onEvent);
  return {
    manager: new ProductionUserManager(parts),
    forRealm: (realm) => new ProductionUserManager(viewOf(parts), realm),
    answering,
  };
}

/** The same rooms, without the right to close them. */
function viewOf(parts: ManagerParts): ManagerParts {
  return { ...parts, release: async () => undefined };
}
