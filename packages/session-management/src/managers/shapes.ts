import { durationToMs } from '../policy/duration.ts';
import { shownOf } from '../policy/session-view.ts';
import { cleanText, IP_LENGTH, USER_AGENT_LENGTH } from '../policy/text.ts';
import { safeUser } from '../policy/user.ts';
import type {
  ListedSession,
  NoSessionReason,
  RevokeOptions,
  SafeUser,
  Session,
  SessionListEntry,
  SessionMetadata,
  SessionValidation,
} from '../types/index.ts';

/** Longest name of an actor, in characters. */
const ACTOR_LENGTH = 64;

export function active(user: SafeUser, session: Session): SessionValidation {
  return { status: 'active', user: safeUser(user), session };
}

export function none(reason: NoSessionReason): SessionValidation {
  return { status: 'none', reason };
}

export function told(reason: NoSessionReason): Promise<SessionValidation> {
  return Promise.resolve(none(reason));
}

/** Who asks, as it is told and kept; `undefined` when nobody is named. */
export function actorOf({ actor }: RevokeOptions = {}): string | undefined {
  return cleanText(actor ?? '', ACTOR_LENGTH) || undefined;
}

export function entryOf(
  session: ListedSession,
  device: string,
  current: boolean,
): SessionListEntry {
  const { label, lastSeenAt } = session;
  return Object.assign(shownOf(session), { lastSeenAt, device, label, current });
}

/** Where a log-in came from, fit to be stored. */
export function originOf({ ip, userAgent }: SessionMetadata) {
  return {
    ip: cleanText(ip, IP_LENGTH),
    userAgent: userAgent ? cleanText(userAgent, USER_AGENT_LENGTH) : null,
  };
}

/** Milliseconds; `null` when nothing was said. @throws {RangeError} for what is no duration. */
export function boundedAge(name: string, value: number | string | undefined): number | null {
  if (value === undefined) return null;
  const ms = durationToMs(value);
  if (ms !== null) return ms;
  throw new RangeError(`${name} must be seconds, or such as "365d"`);
}

/** @throws {RangeError} for anything but a whole number from 1 to `most`. */
export function boundedWhole(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${name} must be a whole number from 1 to ${most}; got ${value}`);
}
