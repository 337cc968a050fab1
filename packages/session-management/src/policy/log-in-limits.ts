import { hash } from 'node:crypto';
import { normalizeEmail } from '@repo/exchange-core';
import type { AttemptKeys, AttemptLimit, LimitName, LogInLimits } from '../types/index.ts';
import { msToDuration } from './duration.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * How many attempts are looked at (OWASP ASVS 5, 6.1.1 and 6.3.1). Their reasons are in
 * docs/security.md, which a test holds against them.
 */
export const DEFAULT_LOG_IN_LIMITS: LogInLimits = Object.freeze({
  accountAndNetwork: Object.freeze({ most: 10, withinMs: 15 * MINUTE }),
  account: Object.freeze({ most: 50, withinMs: 60 * MINUTE }),
  network: Object.freeze({ most: 100, withinMs: 15 * MINUTE }),
  signUp: Object.freeze({ most: 100, withinMs: 60 * MINUTE }),
});

/** How long an account knows a network after a log-in from there, in milliseconds. */
export const NETWORK_KNOWN = 30 * DAY;

/** Longest window, in milliseconds. */
export const LONGEST_WINDOW = DAY;
/** Most attempts of a window. */
export const MOST_ATTEMPTS = 100_000;

/** What one process allows by itself while the counters of all cannot be asked: half of each, at least 1. */
export function localLimits(limits: LogInLimits): LogInLimits {
  const half = ({ most, withinMs }: AttemptLimit): AttemptLimit =>
    Object.freeze({ most: Math.max(1, Math.floor(most / 2)), withinMs });
  const { account, accountAndNetwork, network, signUp } = limits;
  return Object.freeze({
    accountAndNetwork: half(accountAndNetwork),
    account: half(account),
    network: half(network),
    signUp: half(signUp),
  });
}

/** Limits in words, for who reads what counts: each name and its value, such as `10 in 15m`. */
export function limitWords(limits: LogInLimits): [word: string, value: string][] {
  return Object.entries(limits).map(([name, { most, withinMs }]) => [
    name,
    `${most} in ${msToDuration(withinMs)}`,
  ]);
}

/**
 * Where an attempt is counted. SHA-256 over what it is and whom it names, so that no key tells an
 * address and none of one kind meets one of another.
 *
 * @param network - Of the client; empty where it is not known. Such are one network, which no account knows.
 */
export function attemptKeys(account: string, network: string): AttemptKeys {
  const who = normalizeEmail(account);
  return {
    accountAndNetwork: keyOf('accountAndNetwork', who, network),
    account: keyOf('account', who),
    network: keyOf('network', network),
    signUp: keyOf('signUp', network),
    known: network === '' ? null : keyOf('known', who, network),
  };
}

function keyOf(kind: LimitName | 'known', ...names: string[]): string {
  const text = JSON.stringify(['session-management throttle', kind, ...names]);
  return `${kind}:${hash('sha256', text, 'base64url')}`;
}
