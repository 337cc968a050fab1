import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UserCopies, UserCopy } from '../types/index.ts';
import { userCopy } from './samples.ts';

/** Copies of users to keep promises with. */
export interface UserCopiesHarness {
  copies: UserCopies;
  /** Reads the clock that the store reads, in milliseconds since the epoch. */
  now(): number;
  close(): Promise<void>;
}

/** The promises that every {@link UserCopies} makes. Run it against each implementation. */
export function describeUserCopies(name: string, open: () => Promise<UserCopiesHarness>): void {
  describe(`${name} keeps the UserCopies promises`, () => {
    let store: UserCopiesHarness;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    it('gives back what was put', async () => {
      const copy = userCopy(store.now());
      await store.copies.put(copy);

      expect(await store.copies.read(copy.user.id)).toStrictEqual(copy);
    });

    it('knows nothing of a user who was never put', async () => {
      expect(await store.copies.read('no-such-user')).toBeNull();
    });

    it('gives each caller objects of its own', async () => {
      const copy = userCopy(store.now());
      await store.copies.put(copy);
      const first = await store.copies.read(copy.user.id);
      first?.user.createdAt.setFullYear(1970);

      expect(await store.copies.read(copy.user.id)).toStrictEqual(copy);
    });

    it('keeps the higher version, whichever comes last', async () => {
      const old = userCopy(store.now());
      const newer = { ...old, version: 2, confirmedAt: old.confirmedAt - 500 };
      await store.copies.put(newer);
      await store.copies.put(old);

      expect(await store.copies.read(old.user.id)).toStrictEqual(newer);
    });

    it('keeps the later confirmation of one version', async () => {
      const old = userCopy(store.now());
      const later = { ...old, confirmedAt: old.confirmedAt + 1 };
      await store.copies.put(old);
      await store.copies.put(later);
      await store.copies.put(old);

      expect(await store.copies.read(old.user.id)).toStrictEqual(later);
    });

    describe('of a deleted user', () => endings(() => store));

    it('stores no secret, even if the caller passes one', async () => {
      const copy = userCopy(store.now());
      const careless = { ...copy, user: { ...copy.user, ...{ hashedPassword: 'x' } } };
      await store.copies.put(careless);

      expect(await store.copies.read(copy.user.id)).toStrictEqual(copy);
    });
  });
}

function endings(store: () => UserCopiesHarness): void {
  const versions = async (...steps: ((copy: UserCopy) => Promise<void>)[]) => {
    const copy = userCopy(store().now(), { version: 5 });
    for (const step of steps) await step(copy);
    return (await store().copies.read(copy.user.id))?.version ?? null;
  };
  const put = (version: number) => (copy: UserCopy) => store().copies.put({ ...copy, version });
  const end = (version: number) => (copy: UserCopy) => store().copies.end(copy.user.id, version);

  it('read as a miss, also where there was none', async () => {
    expect(await versions(put(5), end(6))).toBeNull();
    expect(await versions(end(6))).toBeNull();
  });

  it('take no copy of the same version or a lower one, however often they were read', async () => {
    expect(await versions(end(6), put(5))).toBeNull();
    expect(await versions(end(6), put(6))).toBeNull();
    const read = async (copy: UserCopy) => void (await store().copies.read(copy.user.id));
    expect(await versions(put(5), end(6), read, read, put(6))).toBeNull();
  });

  it('give way to the user who is made again with the same id', async () => {
    expect(await versions(put(5), end(6), put(7))).toBe(7);
  });

  it('do not end that user when the deletion is told late', async () => {
    expect(await versions(put(7), end(6))).toBe(7);
    expect(await versions(end(8), end(6), put(7))).toBeNull();
  });
}
