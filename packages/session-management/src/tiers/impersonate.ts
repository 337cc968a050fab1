import type {
  EventSink,
  Impersonations,
  MonotonicClock,
  NewImpersonation,
  StoreClock,
} from '../types/index.ts';
import type { FastCopies } from './fast-copies.ts';
import { saidAgain } from './said-again.ts';

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
    let sentAt = 0;
    const live = await saidAgain(() => {
      sentAt = monotonic.now();
      return impersonations.open(session);
    });
    clock.observe(live.session.confirmedAt, sentAt);
    opened(session.digest);
    const { actor, expiresAt, handle, realm, userId } = live.session;
    if (actor !== null) {
      events.tell({ kind: 'impersonated', userId, realm, handle, expiresAt, actor });
    }
    await settle('fill', () => copies.fill(live, sentAt));
  };
}
