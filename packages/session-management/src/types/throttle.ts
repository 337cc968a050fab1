import { SessionError } from './errors.ts';

/** Who tries to sign in, and from where. */
export interface LogInAttempt {
  /** The e-mail address as it was typed, or by whatever else your log-in names an account; counted in normal form. */
  account: string;
  /** The client's address, as `clientAddress` gives it; what is no address shares one network with all others. */
  ip: string;
}

/** How many attempts a window of time may hold. */
export interface AttemptLimit {
  /** At least 1. */
  readonly most: number;
  /** From the first attempt on, in milliseconds; whole seconds. */
  readonly withinMs: number;
}

/** What is counted: failures but for `signUp`, where each attempt counts. */
export type LimitName = 'accountAndNetwork' | 'network' | 'account' | 'signUp';

/** How many attempts to sign in and up are looked at. */
export type LogInLimits = Readonly<Record<LimitName, AttemptLimit>>;

/** One limit as an option: both or neither. */
export interface AttemptLimitConfiguration {
  /** 1 to 100 000 attempts. */
  most: number;
  /** Length of the window: whole seconds, or such as `"15m"`; a day at most. */
  within: number | string;
}

/** The limits as an option; the defaults stand in docs/security.md. */
export interface LogInLimitsConfiguration {
  /** Failures on one account from one network; 10 in 15 minutes unless told. */
  accountAndNetwork?: AttemptLimitConfiguration | undefined;
  /** Failures on one account from all networks it does not know; 50 in an hour unless told. */
  account?: AttemptLimitConfiguration | undefined;
  /** Failures from one network on accounts that do not know it; 100 in 15 minutes unless told. */
  network?: AttemptLimitConfiguration | undefined;
  /** Attempts to sign up from one network; 100 in an hour unless told. */
  signUp?: AttemptLimitConfiguration | undefined;
}

/** The keys under which one attempt is counted. They name nobody: digests. */
export type AttemptKeys = Readonly<Record<LimitName, string>> & {
  /** Where it is remembered that this account signed in from this network; `null`: the network is not known. */
  readonly known: string | null;
};

/** What became of one attempt at a window. */
export interface TakenAttempt {
  /** Whether there was room; else it was not counted. */
  granted: boolean;
  /** What is left of the window, in milliseconds. */
  leftMs: number;
}

/** Remembers for a while which accounts signed in from which networks. */
export interface KnownNetworks {
  remember(key: string, ms: number): Promise<void>;
  knows(key: string): Promise<boolean>;
}

/**
 * Counts attempts in windows that begin with the first and end by themselves. Atomic by key: of many
 * at once no more are granted than the limit says.
 */
export interface AttemptStore extends KnownNetworks {
  /** Counts one more where there is room. @throws {SessionStoreUnavailableError} it may have been counted. */
  take(key: string, limit: AttemptLimit): Promise<TakenAttempt>;
  /** Takes one back from the window that had `leftMs` left when it was counted, never from a later one. */
  takeBack(key: string, leftMs: number): Promise<void>;
  /** Ends a window. */
  forget(key: string): Promise<void>;
}

/** An attempt that is counted and may go on. */
export interface Admission {
  /** It signed in: the failures of this account and network are forgotten, the rest taken back. */
  succeeded(): Promise<void>;
  /** Nothing was found out: it counts no more. */
  withdraw(): Promise<void>;
}

/** Lets attempts go on, or refuses them. */
export interface AttemptGate {
  /** Counts before anything is looked at. @throws {LogInThrottledError} */
  logIn(keys: AttemptKeys): Promise<Admission>;
  /** The same for a new account. @throws {LogInThrottledError} */
  signUp(keys: AttemptKeys): Promise<Admission>;
}

/** Runs checks of passwords, and the making of accounts, within the limits. */
export interface ThrottledWork {
  guardLogIn<T extends object>(
    attempt: LogInAttempt,
    check: () => Promise<T | null | undefined>,
  ): Promise<T | null>;
  guardSignUp<T>(attempt: LogInAttempt, work: () => Promise<T>): Promise<T>;
}

/**
 * Too many attempts to sign in or up: this one was not looked at, no password was hashed.
 *
 * The same whether the account exists or not. Answer 429 with `Retry-After`; over tRPC it is
 * `TOO_MANY_REQUESTS`.
 */
export class LogInThrottledError extends SessionError {
  override readonly name = 'LogInThrottledError';
  readonly code = 'LOGIN_THROTTLED';
  /** When another attempt may be looked at: whole seconds from now, at least 1. */
  readonly retryAfterSeconds: number;

  constructor(leftMs: number) {
    const seconds = Math.max(1, Math.ceil(leftMs / 1_000));
    super(`too many attempts to sign in or up; try again in ${seconds} s`);
    this.retryAfterSeconds = seconds;
  }
}

/** Recognises the error by its code, because a bundler may load this module twice. */
export function isLogInThrottled(error: unknown): error is LogInThrottledError {
  return error instanceof Error && 'code' in error && error.code === 'LOGIN_THROTTLED';
}
