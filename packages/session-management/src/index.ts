export { SESSION_CONSTANTS } from '@repo/constants';
export { generateSessionId, UserRole } from '@repo/exchange-core';
export { PostgreSQLUserAdapter } from './adapters/postgres-user-adapter.ts';
export { RedisSessionAdapter } from './adapters/redis-session-adapter.ts';
export { UserManagerFactory } from './factories/user-manager-factory.ts';
export { MockUserManagerWrapper } from './managers/mock-user-manager-wrapper.ts';
export { ProductionUserManager } from './managers/production-user-manager.ts';
export type { SessionActor } from './types/actor.ts';
export type {
  ManagerConfiguration,
  ManagerEnvironment,
  PrismaClientConfig,
} from './types/config.ts';
export {
  ConfigurationInvalidError,
  EmailTakenError,
  EnvironmentRefusedError,
  hasCode,
  IdentityNotFreshError,
  isSessionError,
  ManagerClosedError,
  MigrationFailedError,
  ProofOutdatedError,
  RecordUnreadableError,
  SESSION_ERROR_CODES,
  SessionError,
  type SessionErrorCode,
  SessionLimitReachedError,
  SessionManagedError,
  SessionRevokedError,
  SessionStoreUnavailableError,
  type StoreName,
  TooManyUsersError,
  TtlInvalidError,
  UserNotFoundError,
} from './types/errors.ts';
export type { Ender, SessionEvent, SessionEventHook } from './types/events.ts';
export type { EventsHealth, HealthReport, StoreHealth } from './types/health.ts';
export { ImpersonationRefusedError } from './types/impersonation.ts';
export type {
  CleanupOptions,
  CleanupReport,
  CreateSessionOptions,
  CreateUserData,
  DatabaseAdapter,
  ListSessionsOptions,
  ListUsersOptions,
  NoSessionReason,
  RequestOrigin,
  RevokeOptions,
  RotatedSession,
  SafeUser,
  Session,
  SessionAdapter,
  SessionData,
  SessionListEntry,
  SessionManagerInterface,
  SessionMetadata,
  SessionRotation,
  SessionValidation,
  UpdateUserOptions,
  User,
  UserManager,
  UserManagerInterface,
  UserRepository,
  ValidateOptions,
} from './types/interfaces.ts';
export type {
  BindingMode,
  ByRole,
  IdleRule,
  LimitRule,
  PolicyConfiguration,
  PresetName,
  RealmConfiguration,
  RealmPolicy,
  RememberChoice,
  RememberRule,
  SessionBinding,
  SessionLimit,
  SessionPolicy,
} from './types/policy.ts';
export {
  type AttemptLimitConfiguration,
  isLogInThrottled,
  type LogInAttempt,
  type LogInLimitsConfiguration,
  LogInThrottledError,
} from './types/throttle.ts';
export type { Logger } from './types/tools.ts';
export { getEnvironment } from './utils/environment.ts';
export { closePrismaClient, getPrismaClient } from './utils/prisma-singleton.ts';
export { getUserAgent } from './web/user-agent.ts';
