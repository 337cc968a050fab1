import { beforeEach, describe, expect, it, vi } from 'vitest';
import { EventQueue } from '../../src/tiers/event-queue.ts';
import { Tally } from '../../src/tiers/tally.ts';
import type { SessionEvent, SessionEventHook, SessionFact } from '../../src/types/index.ts';

const fact = (handle: string): SessionFact => ({
  kind: 'expired',
  userId: 'user-1',
  realm: 'web',
  handle,
});

let error = vi.fn();
let given: SessionEvent[];
beforeEach(() => {
  error = vi.fn();
  given = [];
});

function queueOf(hook: SessionEventHook | null): EventQueue {
  const nothing = () => undefined;
  const logger = { debug: nothing, info: nothing, warn: nothing, error };
  return new EventQueue({ hook, wall: { now: () => 1_000 }, logger, metrics: new Tally() });
}

describe('events', () => {
  it('reach the hook after the call that told them, in their order and with their time', async () => {
    const queue = queueOf((event) => given.push(event));
    for (const handle of ['a', 'b', 'c']) queue.tell(fact(handle));
    expect(given).toEqual([]);

    await queue.close();
    expect(given).toEqual(['a', 'b', 'c'].map((handle) => ({ ...fact(handle), at: 1_000 })));
  });

  it('wait for the one before, however long its hook takes', async () => {
    const order: string[] = [];
    const queue = queueOf(async (event) => {
      order.push('begin');
      await new Promise((resolve) => setImmediate(resolve));
      order.push('end');
      given.push(event);
    });
    queue.tell(fact('a'));
    queue.tell(fact('b'));

    await queue.close();
    expect(order).toEqual(['begin', 'end', 'begin', 'end']);
  });

  it.each<[string, SessionEventHook]>([
    ['throws', () => JSON.parse('{')],
    ['rejects', () => Promise.reject(new SyntaxError('ada@example.org'))],
  ])('go on when the hook %s: counted each time, logged once without its text', async (_, hook) => {
    const queue = queueOf(hook);
    for (const handle of ['a', 'b', 'c']) queue.tell(fact(handle));

    await queue.close();
    expect(queue.health()).toEqual({ waiting: 0, dropped: 0, failed: 3 });
    const fields = { kind: 'expired', error: 'SyntaxError' };
    expect(error.mock.calls).toEqual([['session.event_hook_failed', fields]]);
  });

  it('do not wait for ever for a hook that never ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const never = new Promise(() => undefined);
      const queue = queueOf((event) => (given.push(event) === 1 ? never : undefined));
      queue.tell(fact('a'));
      queue.tell(fact('b'));
      await vi.waitFor(() => expect(given).toHaveLength(1));

      vi.advanceTimersByTime(5_000);
      await vi.waitFor(() => expect(given).toHaveLength(2));
      expect(queue.health().failed).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('are dropped and counted beyond a thousand that wait', async () => {
    const queue = queueOf((event) => given.push(event));
    for (let n = 0; n < 1_200; n += 1) queue.tell(fact(String(n)));
    expect(queue.health()).toEqual({ waiting: 1_000, dropped: 200, failed: 0 });
    expect(error).toHaveBeenCalledTimes(1);

    await queue.close();
    expect(given).toHaveLength(1_000);
  });

  it('are not kept where nobody listens', () => {
    const queue = queueOf(null);
    queue.tell(fact('a'));
    expect(queue.health().waiting).toBe(0);
  });
});
