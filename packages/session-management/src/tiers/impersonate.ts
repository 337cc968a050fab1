import {
  type EventSink,
  hasCode,
  type Impersonations,
  type MonotonicClock,
  type NewImpersonation,
  type StoreClock,
} from '../types/index.ts';
import type { FastCopies } from './fast-copies.ts';

export interface ImpersonateParts {
  impersonations: Impersonations;
  copies: FastCopies;
  clock: StoreClock;
  monotonic: MonotonicClock;
  events: EventSink;
  /** A digest has become a session. */
  opened(digest: string): void;
  /** Waits for a write to a copy; a failure is reported and harms nobody for longer than F. */
  settle(operation: string, work: () => Promise<unknown>): Promise<void>;
}

/** Opens a session in the place of a user, in the order of every log-in: record, memory, event, copies. */
export function impersonation(parts: ImpersonateParts) {
  const { clock, copies, events, impersonations, monotonic, opened, settle } = parts;
  return async (session: NewImpersonation): Promise<void> => {
    const sentAt = monotonic.now();
    const live = await openOnce(impersonations, session);
    clock.observe(live.session.confirmedAt, sentAt);
    opened(session.digest);
    const { actor, expiresAt, handle, realm, userId } = live.session;
    if (actor !== null) {
      events.tell({ kind: 'impersonated', userId, realm, handle, expiresAt, actor });
    }
    await settle('fill', () => copies.fill(live));
  };
}

/** As with a log-in: whether an unanswered commit happened is found out by saying it again. */
async function openOnce(impersonations: Impersonations, session: NewImpersonation) {
  try {
    return await impersonations.open(session);
  } catch (error) {
    if (!hasCode(error, 'STORE_UNAVAILABLE')) throw error;
    return await impersonations.open(session);
  }
}
