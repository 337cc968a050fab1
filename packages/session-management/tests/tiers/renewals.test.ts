import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../src/policy/limits.ts';
import { DEFAULT_POLICY } from '../../src/policy/realm-policy.ts';
import { KnownChanges } from '../../src/tiers/known-changes.ts';
import { hasCode } from '../../src/types/index.ts';
import { DIGEST, type Process, World } from './two-processes.ts';

const MINUTE = 60_000;
const idle = { timeoutMs: 10 * MINUTE, updateAgeMs: MINUTE };
const policies = { standard: { ...DEFAULT_POLICY, idle }, realms: {} };

let world: World;
let a: Process;
let b: Process;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  world = new World();
  [a, b] = [world.process(policies), world.process(policies)];
  await a.logIn(await world.user(), DIGEST, idle.timeoutMs);
});

afterEach(() => {
  vi.useRealTimers();
});

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets time pass, and what is written by then be written. */
async function pass(ms: number): Promise<void> {
  world.time += ms;
  await vi.advanceTimersByTimeAsync(ms);
  for (let n = 0; n < 20; n += 1) await turn();
}

const endInRecord = (): number => (world.database.session(DIGEST)?.expiresAt ?? 0) - world.time;

describe('renewal', () => {
  it('costs at most one write in one update age, for 1,000 lookups in each of two processes', async () => {
    const renew = vi.spyOn(world.records, 'renew');
    await pass(MINUTE);
    for (let n = 0; n < 1_000; n += 1) {
      expect([await a.find(), await b.find()]).toEqual(['active', 'active']);
      if (n % 100 === 0) await pass(5_000);
    }
    const written = (await Promise.all(renew.mock.results.map(({ value }) => value))).flat();
    expect(written).toHaveLength(1);
    expect(renew.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('is behind the answer, moves the copy as well, and is not remembered as a change', async () => {
    const remembered = vi.spyOn(KnownChanges.prototype, 'sessionChanged');
    await pass(9 * MINUTE);
    const found = await a.parts.finder.find(DIGEST, 'web', false, 'unused');
    expect(found).toMatchObject({ live: { session: { expiresAt: world.time + MINUTE } } });
    await pass(1_000);

    expect(endInRecord()).toBe(idle.timeoutMs);
    const copy = await world.copies.read(DIGEST, 'web');
    expect(copy).toMatchObject({ session: { expiresAt: world.time + idle.timeoutMs } });
    expect(remembered).not.toHaveBeenCalled();
    remembered.mockRestore();
  });

  it('that could not be written is tried again by the next use', async () => {
    await pass(MINUTE);
    await a.find();
    a.recordDown = true;
    await pass(1_000);
    expect(endInRecord()).toBeLessThan(9 * MINUTE);

    a.recordDown = false;
    await a.find();
    await pass(1_000);
    expect(endInRecord()).toBe(idle.timeoutMs);
  });

  it('that no copy learned of is found out by asking the record at the end of the copy', async () => {
    await pass(9 * MINUTE);
    await a.find();
    a.copiesDown = true;
    await pass(1_000);
    a.copiesDown = false;
    await pass(MINUTE);

    expect(await b.find()).toBe('active');
  });

  it('ends a session that is older than the new role of its user allows', async () => {
    const ADMIN = { ...DEFAULT_POLICY, absoluteMs: 5 * MINUTE };
    const roles = { standard: { ...DEFAULT_POLICY, roles: { ADMIN } }, realms: {} };
    const c = world.process(roles);
    await pass(6 * MINUTE);
    expect(await c.find()).toBe('active');
    const { userId } = world.database.session(DIGEST) ?? {};
    const change = await c.parts.users.change(userId ?? '', { role: 'ADMIN' });
    if (change === null) throw new Error('the user is there');
    await c.parts.keeper.userChanged(change, null);
    await c.find();
    await pass(1_000);

    expect([await c.find(), await b.find()]).toEqual(['revoked', 'revoked']);
    expect(endInRecord()).toBeLessThan(0);
  });

  it('is written down at the end of the process', async () => {
    await pass(MINUTE);
    await a.find();
    await a.parts.release().catch(() => undefined);

    expect(endInRecord()).toBe(idle.timeoutMs);
  });

  it('is not possible while the record is down: at the end of the copy nobody can say', async () => {
    await pass(9.5 * MINUTE);
    expect(await a.find()).toBe('active');
    a.recordDown = true;
    await pass(LIMITS.F);

    expect(await a.find().catch((error) => hasCode(error, 'STORE_UNAVAILABLE'))).toBe(true);
    a.recordDown = false;
    expect(await a.find()).toBe('expired');
  });
});
