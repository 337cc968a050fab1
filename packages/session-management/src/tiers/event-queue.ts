import { countFact } from '../policy/fact-metrics.ts';
import type {
  EventSink,
  EventsHealth,
  Logger,
  MetricSink,
  SessionEvent,
  SessionEventHook,
  SessionFact,
} from '../types/index.ts';

/** Events that wait for the hook, at most. */
const MOST_WAITING = 1_000;
/** Longest wait for one call of the hook, and for all that is left at the end, in milliseconds. */
const PATIENCE = 5_000;

export interface EventQueueParts {
  /** `null`: nobody wants to know, and nothing is kept. */
  hook: SessionEventHook | null;
  wall: { now(): number };
  logger: Logger;
  metrics: MetricSink;
}

/**
 * Counts events, and hands them to the application's hook, one after the other, each in a turn of the event loop of
 * its own, so that no request waits for a hook or hears of its failure. Bounded: what comes while
 * the queue is full is dropped and counted.
 */
export class EventQueue implements EventSink {
  readonly #parts: EventQueueParts;
  readonly #complaints = new Set<string>();
  #waiting: SessionEvent[] = [];
  #delivery: Promise<void> | null = null;
  #dropped = 0;
  #failed = 0;

  constructor(parts: EventQueueParts) {
    this.#parts = parts;
  }

  tell(fact: SessionFact): void {
    const { hook, metrics, wall } = this.#parts;
    countFact(metrics, fact);
    if (hook === null) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#dropped += 1;
      this.#complain('session.events_dropped', fact.kind, {});
      return;
    }
    this.#waiting.push({ ...fact, at: wall.now() });
    this.#delivery ??= this.#deliver(hook);
  }

  health(): EventsHealth {
    return { waiting: this.#waiting.length, dropped: this.#dropped, failed: this.#failed };
  }

  /** Waits for what is left, as long as for one call; what is left then is dropped. */
  async close(): Promise<void> {
    await inTime(this.#delivery ?? undefined).catch(() => undefined);
    this.#dropped += this.#waiting.length;
    this.#waiting = [];
  }

  async #deliver(hook: SessionEventHook): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const event = this.#waiting.shift();
      if (event === undefined) break;
      await this.#hand(hook, event);
    }
    this.#delivery = null;
  }

  async #hand(hook: SessionEventHook, event: SessionEvent): Promise<void> {
    try {
      await inTime(hook(event));
    } catch (error) {
      this.#failed += 1;
      const name = error instanceof Error ? error.name : typeof error;
      this.#complain('session.event_hook_failed', event.kind, { error: name });
    }
  }

  /** Once a message and kind: a hook that always fails must not fill the log. */
  #complain(message: string, kind: string, fields: Record<string, unknown>): void {
    const complaint = `${message} ${kind}`;
    if (this.#complaints.has(complaint)) return;
    this.#complaints.add(complaint);
    this.#parts.logger.error(message, { kind, ...fields });
  }
}

class HookTimeoutError extends Error {
  override readonly name = 'HookTimeoutError';
}

async function inTime(work: unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new HookTimeoutError('the hook took too long')), PATIENCE);
    timer.unref();
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
