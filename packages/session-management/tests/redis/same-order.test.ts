import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemorySessionAdapter } from '../../src/adapters/memory-session-adapter.ts';
import { MemoryUserCopies } from '../../src/adapters/memory-user-copies.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import { sessionCopy, userCopy } from '../../src/testing/samples.ts';
import type {
  SessionAdapter,
  SessionCopies,
  SessionCopy,
  UserCopies,
} from '../../src/types/index.ts';
import { redisStage } from './stage.ts';

const open = redisStage();

interface Write {
  do: 'put' | 'add' | 'replace';
  version: number;
  confirmed: number;
}
type Step = Write | { do: 'end' | 'delete' | 'set' | 'extend' };

/** Also well after, and in the future: then versions do not count. */
const confirmed = fc.constantFrom(0, 1, 2, 2_500, 3_500, 60_000);
const rank = { version: fc.integer({ min: 0, max: 3 }), confirmed };
const near = { ...rank, confirmed: fc.integer({ min: 0, max: 2 }) };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('put', 'add', 'replace'), ...rank }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('end', 'delete', 'set', 'extend') }) },
);

const ID = 'the-session';
const DIGEST = digestOf(ID);

/** What a caller of the step learns: nothing, or the code of the refusal. */
async function take(
  store: SessionAdapter & SessionCopies,
  at: number,
  next: Step,
): Promise<unknown> {
  const data = { user_id: 'u', created_at: at, expires_at: at + 60_000, ip: '' };
  const run = (): Promise<void> => {
    if ('version' in next) return store[next.do](copyOf(at, next));
    if (next.do === 'end') return store.end([DIGEST], 'web');
    if (next.do === 'delete') return store.delete(ID);
    if (next.do === 'set') return store.set(ID, data, 60);
    return store.extend(ID, 60);
  };
  return run().then(
    () => 'done',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

function copyOf(at: number, { confirmed, version }: Write): SessionCopy {
  const copy = sessionCopy(at, { digest: DIGEST, handle: 'handle', version });
  return { ...copy, confirmedAt: at + confirmed, ip: `${version}.${confirmed}` };
}

async function stateOf(store: SessionAdapter & SessionCopies) {
  const data = await store.get(ID);
  return { reading: await store.read(DIGEST, 'web'), ip: data?.ip, user: data?.user_id };
}

it('brings memory and Redis to the same state by every history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (history) => {
      const { client, now, sessions } = await open();
      const at = now();
      const memory = new MemorySessionAdapter({ now: () => at });
      for (const next of history) {
        expect(await take(sessions, at, next)).toBe(await take(memory, at, next));
        expect(await stateOf(sessions)).toEqual(await stateOf(memory));
      }
      for (const key of await client.keys('*')) {
        expect(await client.pTTL(key)).toBeGreaterThan(0);
      }
    }),
    { numRuns: 150 },
  );
});

it('ends in the same state whatever the order in which copies and ends arrive at once', async () => {
  const arrival: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('put', 'add'), ...near }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('end') }) },
  );
  const arrivals = fc.array(arrival, { minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(arrivals, async (steps) => {
      const { now, sessions } = await open();
      const at = now();
      await Promise.all(steps.map((next) => take(sessions, at, next)));

      const puts = steps.filter((next): next is Write => 'version' in next);
      const newest = puts.sort((a, b) => a.version - b.version || a.confirmed - b.confirmed).at(-1);
      const { ip, reading } = await stateOf(sessions);
      if (puts.length < steps.length) expect(reading.state).toBe('tombstone');
      else expect(ip).toBe(`${newest?.version}.${newest?.confirmed}`);
    }),
    { numRuns: 100 },
  );
});

it('keeps the same copy of a user in memory and in Redis', async () => {
  const verb = fc.constantFrom('put', 'fill', 'fill', 'end');
  const steps = fc.array(fc.record({ ...rank, verb }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const { now, users } = await open();
      const at = now();
      const memory = new MemoryUserCopies({ now });
      const copy = userCopy(at);
      for (const [number, next] of history.entries()) {
        const user = { ...copy.user, email: `${number}@example.com` };
        const take = (store: UserCopies) => {
          if (next.verb === 'end') return store.end(user.id, next.version);
          if (next.verb === 'put') return store.put({ user, version: next.version });
          return store.fill({ user, version: next.version }, at + next.confirmed);
        };
        await Promise.all([take(users), take(memory)]);
        const [inRedis, inMemory] = [await users.read(user.id), await memory.read(user.id)];
        expect(inRedis?.user).toEqual(inMemory?.user);
        expect(inRedis?.version).toBe(inMemory?.version);
      }
    }),
    { numRuns: 150 },
  );
});

it('ends in the same state of a user whatever the order in which confirmations, changes and deletions arrive', async () => {
  const verb = fc.constantFrom('put', 'fill', 'end');
  const change = fc.record({ version: fc.integer({ min: 1, max: 9 }), verb });
  const changes = fc.uniqueArray(change, { minLength: 1, selector: ({ version }) => version });
  await fc.assert(
    fc.asyncProperty(changes, async (steps) => {
      const { now, users } = await open();
      const at = now();
      const copy = userCopy(at);
      await users.fill({ ...copy, version: 0 }, at);
      await Promise.all(
        steps.map(({ verb: how, version }) => {
          if (how === 'end') return users.end(copy.user.id, version);
          return how === 'put'
            ? users.put({ ...copy, version })
            : users.fill({ ...copy, version }, at);
        }),
      );

      const last = steps.sort((a, b) => a.version - b.version).at(-1);
      const held = (await users.read(copy.user.id))?.version;
      expect(held).toBe(last?.verb === 'end' ? undefined : last?.version);
    }),
    { numRuns: 50 },
  );
});
