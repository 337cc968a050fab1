import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeUser,
  encodeUser,
  encodeUserMarker,
  encodeUserTombstone,
} from '../../src/policy/user-text.ts';
import { userCopy } from '../../src/testing/samples.ts';
import type { UserCopy } from '../../src/types/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const text = fc.string({ unit: 'binary', maxLength: 40 });
const name = text.filter((value) => value !== '');
const whole = fc.maxSafeNat();

const PLAIN = { noNullPrototype: true } as const;
const user = {
  id: name,
  email: text,
  isVerified: fc.boolean(),
  role: fc.constantFrom('USER', 'ADMIN'),
  createdAt: fc.date({ noInvalidDate: true }),
};
const anyUser: fc.Arbitrary<UserCopy> = fc.record(
  { user: fc.record(user, PLAIN), version: whole },
  PLAIN,
);

describe('a copy of a user', () => {
  it('is read as it was written, with the instant of that', () => {
    fc.assert(
      fc.property(anyUser, whole, (copy, writtenAt) => {
        const held = decodeUser(encodeUser(copy, writtenAt), copy.user.id);
        expect(held).toStrictEqual({ ...copy, writtenAt });
      }),
    );
  });

  it('is nothing for another user', () => {
    fc.assert(
      fc.property(anyUser, name, (copy, id) => {
        fc.pre(id !== copy.user.id);
        expect(decodeUser(encodeUser(copy, NOW), id)).toBeNull();
      }),
    );
  });

  it('holds neither hash nor sessionId, and is short', () => {
    const copy = userCopy(NOW);
    const careless = {
      ...copy,
      user: { ...copy.user, ...{ hashedPassword: 'x', sessionId: 'y' } },
    };

    expect(encodeUser(careless, NOW)).toBe(encodeUser(copy, NOW));
    expect(encodeUser(copy, NOW).length - copy.user.email.length).toBeLessThanOrEqual(40);
  });
});

describe('what is no copy of a user', () => {
  const copy = userCopy(NOW, { version: 62_000_000_000 });
  const written = encodeUser(copy, NOW);
  const head = written.length - copy.user.email.length;

  it('is nothing, and never throws', () => {
    const garbage = fc.oneof(
      text,
      fc.json(),
      text.map((end) => `1.2${end}`),
      text.map((end) => `1.2.3.4.${end}`),
    );
    fc.assert(
      fc.property(garbage, (value) => {
        expect(decodeUser(value, 'user-1')).toBeNull();
      }),
    );
  });

  it('is the mark of a change, and of a deletion', () => {
    expect(decodeUser(encodeUserMarker(1, NOW), 'user-1')).toBeNull();
    expect(decodeUser(encodeUserTombstone(1, NOW), 'user-1')).toBeNull();
  });

  it('is whatever was mangled before the address, unless we could have written it', () => {
    const piece = fc.constantFrom('', '0', '-', '~', 'A', 'z', '.', '..', '4', '00', ' ', '!');
    fc.assert(
      fc.property(fc.nat(head - 1), fc.nat(3), piece, (at, length, by) => {
        const value = written.slice(0, at) + by + written.slice(at + length);
        const held = decodeUser(value, copy.user.id);
        if (held !== null) expect(encodeUser(held, held.writtenAt)).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });
});
