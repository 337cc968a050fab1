import { expect, it } from 'vitest';
import { MemoryAttemptStore } from '../../src/adapters/memory-attempt-store.ts';
import { attemptKeys, DEFAULT_LOG_IN_LIMITS, localLimits } from '../../src/policy/log-in-limits.ts';
import { faulty, manualClock } from '../../src/testing.ts';
import { InsuredAttempts } from '../../src/tiers/insured-attempts.ts';
import { LimitedAttempts } from '../../src/tiers/limited-attempts.ts';
import { LogInThrottledError, SessionStoreUnavailableError } from '../../src/types/index.ts';

const MINUTE = 60_000;
const { accountAndNetwork } = DEFAULT_LOG_IN_LIMITS;
const half = localLimits(DEFAULT_LOG_IN_LIMITS).accountAndNetwork;
const ANN = attemptKeys('ann@example.org', '203.0.113.7');

function stage() {
  const clock = manualClock();
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const down = new SessionStoreUnavailableError('redis', 'take-attempt');
  const store = faulty(new MemoryAttemptStore(clock), down);
  const learned = new MemoryAttemptStore(clock);
  const gate = new InsuredAttempts({
    shared: new LimitedAttempts(store.port, DEFAULT_LOG_IN_LIMITS),
    local: new LimitedAttempts(learned, localLimits(DEFAULT_LOG_IN_LIMITS)),
    learned,
    logger: { debug: note, info: note, warn: note, error: note },
    monotonic: clock,
  });
  const fail = async (count: number): Promise<number> => {
    let admitted = 0;
    for (let time = 0; time < count; time += 1) {
      await gate.logIn(ANN).then(
        () => (admitted += 1),
        (error: unknown) => expect(error).toBeInstanceOf(LogInThrottledError),
      );
    }
    return admitted;
  };
  return { clock, fail, gate, lines, store };
}

it('goes by half of the limits while the store fails, and by all of them after', async () => {
  const { clock, fail, store } = stage();
  store.breakDown();
  expect(await fail(50)).toBe(half.most);
  clock.advance(half.withinMs - 1);
  expect(await fail(1)).toBe(0);
  clock.advance(1);
  expect(await fail(50)).toBe(half.most);

  store.heal();
  expect(await fail(50)).toBe(accountAndNetwork.most);
});

it('is not degraded by a refusal', async () => {
  const { fail, lines } = stage();
  expect(await fail(50)).toBe(accountAndNetwork.most);
  expect(lines).toEqual([]);
});

it('tells once of a trouble, and of one that comes and goes once a minute', async () => {
  const { clock, fail, lines, store } = stage();
  for (let time = 0; time < 30; time += 1) {
    store.breakDown();
    await fail(2);
    store.heal();
    await fail(2);
    clock.advance(1_000);
  }
  expect(lines).toEqual(['throttle.degraded', 'throttle.healed']);

  store.breakDown();
  clock.advance(MINUTE);
  await fail(2);
  expect(lines).toEqual(['throttle.degraded', 'throttle.healed', 'throttle.degraded']);
});

it('keeps in memory no more than it may', async () => {
  const store = new MemoryAttemptStore(manualClock());
  const once = { most: 1, withinMs: MINUTE };
  await store.take('first', once);
  expect((await store.take('first', once)).granted).toBe(false);
  for (let number = 0; number < 50_000; number += 1) await store.take(`other ${number}`, once);
  expect((await store.take('first', once)).granted).toBe(true);
});

it('names nobody in its keys, and tells names apart', () => {
  const keys = Object.values(attemptKeys('ann@example.org', '203.0.113.7'));
  expect(keys.filter((key) => /ann|example|203/.test(String(key)))).toEqual([]);
  expect(new Set(keys).size).toBe(keys.length);
  expect(attemptKeys('a', 'bc').known).not.toBe(attemptKeys('ab', 'c').known);
});
