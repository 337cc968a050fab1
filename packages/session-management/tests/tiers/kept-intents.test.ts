import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryEndIntents } from '../../src/adapters/memory-end-intents.ts';
import { LIMITS } from '../../src/policy/limits.ts';
import { faulty } from '../../src/testing/doubles.ts';
import { KeptIntents } from '../../src/tiers/kept-intents.ts';
import { type EndIntent, SessionStoreUnavailableError } from '../../src/types/index.ts';

const REDIS = new SessionStoreUnavailableError('redis', 'test');
const POSTGRES = new SessionStoreUnavailableError('postgres', 'test');

const intent = (digest: string): EndIntent => ({ digest, realm: 'web' });

let now: number;
let stored: MemoryEndIntents;
let broken: ReturnType<typeof faulty<MemoryEndIntents>>;
let kept: KeptIntents;
let ended: string[];
let end = vi.fn<(intent: EndIntent) => Promise<void>>();

beforeEach(() => {
  now = 1_000;
  stored = new MemoryEndIntents();
  broken = faulty(stored, REDIS);
  kept = new KeptIntents(broken.port, { now: () => now });
  ended = [];
  end = vi.fn(async ({ digest }) => void ended.push(digest));
});

describe('an end that the record could not take', () => {
  it('is kept in the fast store too, and removed there when it is done', async () => {
    await kept.add(intent('a'));
    expect(await stored.list(9)).toEqual([intent('a')]);
    await kept.carryOut(end);
    expect(ended).toEqual(['a']);
    expect(await stored.list(9)).toEqual([]);
  });

  it('is carried out by who was asked where the fast store lost it, or never had it', async () => {
    await kept.add(intent('lost'));
    await stored.remove(intent('lost'));
    broken.breakDown('add');
    await expect(kept.add(intent('never there'))).rejects.toThrow(REDIS);
    await kept.carryOut(end);
    expect(ended).toEqual(['lost', 'never there']);
  });

  it('is carried out once, in the order of asking', async () => {
    for (const digest of ['a', 'b', 'c']) await kept.add(intent(digest));
    await kept.carryOut(end);
    await kept.carryOut(end);
    expect(ended).toEqual(['a', 'b', 'c']);
  });

  it('is tried again from where it failed', async () => {
    for (const digest of ['a', 'b', 'c']) await kept.add(intent(digest));
    end.mockImplementationOnce(async ({ digest }) => void ended.push(digest));
    end.mockRejectedValueOnce(POSTGRES);
    await expect(kept.carryOut(end)).rejects.toThrow(POSTGRES);
    expect(await stored.list(9)).toEqual([intent('b'), intent('c')]);
    await kept.carryOut(end);
    expect(ended).toEqual(['a', 'b', 'c']);
  });

  it('is done though the fast store cannot remove it', async () => {
    await kept.add(intent('a'));
    broken.breakDown('remove');
    await kept.carryOut(end);
    await kept.carryOut(end);
    expect(ended).toEqual(['a']);
  });

  it('is carried out by one of two who begin at once', async () => {
    await kept.add(intent('a'));
    await Promise.all([kept.carryOut(end), kept.carryOut(end)]);
    expect(ended).toEqual(['a']);
  });

  it('is kept for W', async () => {
    await kept.add(intent('a'));
    now += LIMITS.W - 1_000;
    await kept.add(intent('b'));
    now += 2_000;
    await kept.carryOut(end);
    expect(ended).toEqual(['b']);
  });

  it('is the fast store’s alone beyond ten thousand, the oldest first', async () => {
    for (let n = 0; n <= 10_000; n += 1) await kept.add(intent(`${n}`));
    await kept.carryOut(end);
    expect(ended).toHaveLength(10_000);
    expect(ended[0]).toBe('1');
    expect(await stored.list(9)).toEqual([intent('0')]);
  });
});
