import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../policy/limits.ts';
import type { HeldUser, UserCopies, UserCopy } from '../types/index.ts';
import { userCopy } from './samples.ts';

/** Copies of users to keep promises with. */
export interface UserCopiesHarness {
  copies: UserCopies;
  /** Reads the clock that the store reads, in milliseconds since the epoch. */
  now(): number;
  close(): Promise<void>;
}

/** What a read must not mix up with when it was written. */
function copyIn({ user, version }: HeldUser): UserCopy {
  return { user, version };
}

/** The promises that every {@link UserCopies} makes. Run it against each implementation. */
export function describeUserCopies(name: string, open: () => Promise<UserCopiesHarness>): void {
  describe(`${name} keeps the UserCopies promises`, () => {
    let store: UserCopiesHarness;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());
    const read = async (id: string) => {
      const held = await store.copies.read(id);
      return held === null ? null : copyIn(held);
    };

    it('gives back what was confirmed, and when that was written', async () => {
      const copy = userCopy(store.now());
      const before = store.now();
      await store.copies.fill(copy, before);

      const held = await store.copies.read(copy.user.id);
      expect(held).toStrictEqual({ ...copy, writtenAt: held?.writtenAt });
      expect(held?.writtenAt).toBeGreaterThanOrEqual(before);
      expect(held?.writtenAt).toBeLessThanOrEqual(store.now());
    });

    it('knows nothing of a user who was never put', async () => {
      expect(await store.copies.read('no-such-user')).toBeNull();
    });

    it('keeps users apart, whatever their ids', async () => {
      const uuid = '01890a5d-ac96-774b-bcce-b302099a8057';
      const ids = [
        uuid,
        uuid.toUpperCase(),
        'AYkKXayWd0u8zrMCCZqAVw',
        ':x',
        'x',
        'ann@example.org',
      ];
      const copies = ids.map((id) => userCopy(store.now(), { user: { ...userCopy(0).user, id } }));
      for (const copy of copies) await store.copies.fill(copy, store.now());

      expect(await Promise.all(ids.map(read))).toStrictEqual(copies);
    });

    it('gives each caller objects of its own', async () => {
      const copy = userCopy(store.now());
      await store.copies.fill(copy, store.now());
      const first = await store.copies.read(copy.user.id);
      first?.user.createdAt.setFullYear(1970);

      expect(await read(copy.user.id)).toStrictEqual(copy);
    });

    it('stores no secret, even if the caller passes one', async () => {
      const copy = userCopy(store.now());
      const careless = { ...copy, user: { ...copy.user, ...{ hashedPassword: 'x' } } };
      await store.copies.fill(careless, store.now());

      expect(await read(copy.user.id)).toStrictEqual(copy);
    });

    describe('of what the record confirms', () => confirmations(() => store));
    describe('of a user who changes', () => changes(() => store));
    describe('of a deleted user', () => endings(() => store));
  });
}

type Step = (copies: UserCopies, copy: UserCopy) => Promise<unknown>;

/** @param afterMs - How long after now the record confirmed it. */
const fill =
  (version: number, afterMs = 0): Step =>
  (copies, copy) =>
    copies.fill({ ...copy, version }, copy.user.createdAt.getTime() + DAY + afterMs);
const put =
  (version: number): Step =>
  (copies, copy) =>
    copies.put({ ...copy, version });
const end =
  (version: number): Step =>
  (copies, copy) =>
    copies.end(copy.user.id, version);
const DAY = 86_400_000;
const SETTLED = LIMITS.SETTLED + 1_000;

/** The version that is read after these steps; `null`: none. */
function stories(store: () => UserCopiesHarness) {
  return async (...steps: Step[]): Promise<number | null> => {
    const copy = userCopy(store().now());
    for (const step of steps) await step(store().copies, copy);
    return (await store().copies.read(copy.user.id))?.version ?? null;
  };
}

function confirmations(store: () => UserCopiesHarness): void {
  const after = stories(store);

  it('keeps the higher version, whichever comes last', async () => {
    expect(await after(fill(4), fill(5))).toBe(5);
    expect(await after(fill(5), fill(4))).toBe(5);
    expect(await after(fill(5), fill(4, LIMITS.SETTLED - 500))).toBe(5);
  });

  it('takes a lower version that was confirmed well after the other was written: the record has lost that', async () => {
    expect(await after(fill(5), fill(4, SETTLED))).toBe(4);
    expect(await after(fill(5), put(6), fill(4, SETTLED))).toBe(4);
  });

  it('takes a lower version in the place of one that was written in the future', async () => {
    expect(await after(fill(5, 60_000), fill(4))).toBe(4);
  });

  it('keeps a higher version that the store, whose clock is behind, takes for one of the future', async () => {
    expect(await after(fill(5, LIMITS.FUTURE + 500), fill(4))).toBe(5);
    expect(await after(fill(4), fill(5, LIMITS.FUTURE + 500), fill(4, 5))).toBe(5);
  });

  it('leaves alone what is the same and young', async () => {
    const copy = userCopy(store().now());
    await store().copies.fill(copy, store().now());
    const held = await store().copies.read(copy.user.id);
    await store().copies.fill(copy, store().now() + SETTLED);

    expect(await store().copies.read(copy.user.id)).toStrictEqual(held);
  });
}

function changes(store: () => UserCopiesHarness): void {
  const after = stories(store);

  it('takes the place of a lower version at once, and of no higher one', async () => {
    expect(await after(fill(4), put(5))).toBe(5);
    expect(await after(fill(6), put(5))).toBe(6);
  });

  it('where no copy is, gives nothing to read, and keeps out what was read before', async () => {
    expect(await after(put(5))).toBeNull();
    expect(await after(put(5), fill(4))).toBeNull();
    expect(await after(put(5), put(6), fill(5))).toBeNull();
    expect(await after(put(6), put(5), fill(5))).toBeNull();
  });

  it('where no copy is, lets the next confirmation of it or of a later one in', async () => {
    expect(await after(put(5), fill(5))).toBe(5);
    expect(await after(put(5), fill(6))).toBe(6);
    expect(await after(put(5), fill(4, SETTLED))).toBe(4);
  });
}

function endings(store: () => UserCopiesHarness): void {
  const after = stories(store);

  it('reads as a miss, also where there was none', async () => {
    expect(await after(fill(5), end(6))).toBeNull();
    expect(await after(fill(6), end(6))).toBeNull();
    expect(await after(end(6))).toBeNull();
  });

  it('takes no copy of the same version or a lower one, whenever it was confirmed', async () => {
    expect(await after(end(6), fill(5))).toBeNull();
    expect(await after(end(6), fill(6))).toBeNull();
    expect(await after(end(6), fill(5, SETTLED), fill(6, SETTLED), put(6))).toBeNull();
  });

  it('gives way to the user who is made again with the same id', async () => {
    expect(await after(fill(5), end(6), fill(7))).toBe(7);
    expect(await after(fill(5), end(6), put(7))).toBe(7);
  });

  it('does not end that user when the deletion is told late', async () => {
    expect(await after(fill(7), end(6))).toBe(7);
    expect(await after(end(8), end(6), fill(7))).toBeNull();
  });
}
