import { attemptKeys } from '../policy/log-in-limits.ts';
import {
  type Admission,
  type AttemptGate,
  hasCode,
  type LogInAttempt,
  type ThrottledWork,
} from '../types/index.ts';

const ADMITTED: Admission = {
  succeeded: () => Promise.resolve(),
  withdraw: () => Promise.resolve(),
};

/** Nobody counts: every attempt goes on. */
export const UNLIMITED: AttemptGate = {
  logIn: () => Promise.resolve(ADMITTED),
  signUp: () => Promise.resolve(ADMITTED),
};

export interface ThrottleTools {
  /** The network that an address belongs to; empty where that is not known. */
  networkOf(address: string): string;
  /** Resolves when the work has ended, well or not. */
  settle(operation: string, work: () => Promise<unknown>): Promise<void>;
}

/** Counts each attempt first, then lets it be looked at, then says what came of it. */
export class LogInThrottle implements ThrottledWork {
  readonly #gate: AttemptGate;
  readonly #tools: ThrottleTools;

  constructor(gate: AttemptGate, tools: ThrottleTools) {
    this.#gate = gate;
    this.#tools = tools;
  }

  /** What `check` throws says nothing about the password, so it does not count. */
  async guardLogIn<T extends object>(
    attempt: LogInAttempt,
    check: () => Promise<T | null | undefined>,
  ): Promise<T | null> {
    const admission = await this.#gate.logIn(this.#keysOf(attempt));
    let found: T | null | undefined;
    try {
      found = await check();
    } catch (error) {
      await this.#withdraw(admission);
      throw error;
    }
    if (found == null) return null;
    await this.#tools.settle('log-in-succeeded', () => admission.succeeded());
    return found;
  }

  /** Every attempt counts, also one that finds the address taken; but not what a store left undone. */
  async guardSignUp<T>(attempt: LogInAttempt, work: () => Promise<T>): Promise<T> {
    const admission = await this.#gate.signUp(this.#keysOf(attempt));
    try {
      const made = await work();
      await this.#tools.settle('sign-up-succeeded', () => admission.succeeded());
      return made;
    } catch (error) {
      if (hasCode(error, 'STORE_UNAVAILABLE')) await this.#withdraw(admission);
      throw error;
    }
  }

  #withdraw(admission: Admission): Promise<void> {
    return this.#tools.settle('log-in-withdrawn', () => admission.withdraw());
  }

  #keysOf({ account, ip }: LogInAttempt) {
    return attemptKeys(account, this.#tools.networkOf(ip));
  }
}
