import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeEntry,
  decodeUser,
  encodeSession,
  encodeSessionData,
  encodeUser,
  sessionDataOf,
  TOMBSTONE,
} from '../../src/policy/session-record.ts';
import { sessionCopy, userCopy } from '../../src/testing/samples.ts';
import type { SessionCopy, SessionData, UserCopy } from '../../src/types/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const text = fc.string({ unit: 'binary', maxLength: 40 });
const name = text.filter((value) => value !== '');
const instant = fc.integer({ min: 0, max: 8.64e15 });
const whole = fc.maxSafeNat();

/** Objects like those of literals. */
const PLAIN = { noNullPrototype: true } as const;

const sessionFields = {
  digest: name,
  handle: name,
  userId: name,
  realm: fc.constantFrom('web', 'admin'),
  createdAt: instant,
  authenticatedAt: instant,
  expiresAt: instant,
  absoluteExpiresAt: instant,
  ip: text,
  userAgent: fc.option(text),
  actor: fc.option(fc.record({ userId: name, handle: name }, PLAIN)),
  userVersion: whole,
  version: whole,
  confirmedAt: instant,
};
const anySession: fc.Arbitrary<SessionCopy> = fc
  .record(sessionFields, PLAIN)
  .chain((session) =>
    fc.constantFrom<SessionCopy>(
      session,
      { ...session, inGrace: true },
      { ...session, rotationDue: true },
    ),
  );

const anyData: fc.Arbitrary<SessionData> = fc.record(
  { user_id: name, created_at: instant, expires_at: instant, ip: text, user_agent: text },
  { ...PLAIN, requiredKeys: ['user_id', 'created_at', 'expires_at', 'ip'] },
);

const date = fc.date({ noInvalidDate: true });
const userFields = {
  id: name,
  email: text,
  isVerified: fc.boolean(),
  role: fc.constantFrom('USER', 'ADMIN'),
  createdAt: date,
  lastLoginAt: fc.option(date),
};
const anyUser: fc.Arbitrary<UserCopy> = fc.record(
  {
    user: fc.record(userFields, PLAIN),
    version: whole,
    confirmedAt: instant,
  },
  PLAIN,
);

describe('a copy of a session', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anySession, (session) => {
        const entry = decodeEntry(encodeSession(session), session.digest, session.realm);
        expect(entry).toStrictEqual({ kind: 'copy', session });
      }),
    );
  });

  it('is nothing under another digest', () => {
    fc.assert(
      fc.property(anySession, name, (session, digest) => {
        fc.pre(digest.slice(0, 11) !== session.digest.slice(0, 11));
        expect(decodeEntry(encodeSession(session), digest, session.realm)).toBeNull();
      }),
    );
  });

  it('begins with the fields of the document and holds no field that it does not need', () => {
    const fields = Object.keys(JSON.parse(encodeSession(sessionCopy(NOW))));

    expect(fields).toEqual([
      'user_id',
      'created_at',
      'expires_at',
      'ip',
      'user_agent',
      'digest',
      'handle',
      'version',
      'user_version',
      'confirmed_at',
      'authenticated_at',
      'absolute_expires_at',
    ]);
  });

  it('is nothing when a field is missing or of another type', () => {
    const session = sessionCopy(NOW);
    const fields: object = JSON.parse(encodeSession(session));
    for (const field of Object.keys(fields)) {
      const wrongs = [undefined, null, {}, [], true, -1.5, ''].filter(
        (wrong) => !allowed(field, wrong),
      );
      for (const wrong of wrongs) {
        const value = JSON.stringify({ ...fields, [field]: wrong });
        const entry = decodeEntry(value, session.digest, session.realm);
        expect(entry?.kind === 'copy', `${field} = ${JSON.stringify(wrong)}`).toBe(false);
      }
    }
  });
});

describe('what the adapter sets alone', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const entry = decodeEntry(encodeSessionData(data), 'any', 'web');
        expect(entry).toStrictEqual({ kind: 'plain', data });
      }),
    );
  });

  it('is the five fields of a copy, and nothing of one in its grace', () => {
    fc.assert(
      fc.property(anySession, (session) => {
        const data = sessionDataOf(session);
        expect(data === null).toBe(session.inGrace === true);
        if (data === null) return;
        expect(decodeEntry(encodeSessionData(data), 'any', 'web')).toEqual({ kind: 'plain', data });
      }),
    );
  });
});

describe('a copy of a user', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyUser, (copy) => {
        expect(decodeUser(encodeUser(copy), copy.user.id)).toStrictEqual(copy);
      }),
    );
  });

  it('is nothing for another user', () => {
    fc.assert(
      fc.property(anyUser, name, (copy, id) => {
        fc.pre(id !== copy.user.id);
        expect(decodeUser(encodeUser(copy), id)).toBeNull();
      }),
    );
  });

  it('holds neither hash nor sessionId', () => {
    const copy = userCopy(NOW);
    const careless = {
      ...copy,
      user: { ...copy.user, ...{ hashedPassword: 'x', sessionId: 'y' } },
    };

    expect(encodeUser(careless)).toBe(encodeUser(copy));
  });
});

describe('garbage', () => {
  it('is nothing, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.json(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
        (value) => {
          expect(decodeEntry(value, 'digest', 'web')?.kind).not.toBe('copy');
          expect(decodeUser(value, 'user-1')).toBeNull();
        },
      ),
    );
  });

  it('of half a copy is nothing', () => {
    const session = sessionCopy(NOW);
    const whole = encodeSession(session);
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeEntry(whole.slice(0, length), session.digest, session.realm)).toBeNull();
    }
  });

  it('of one changed character is this session or nothing', () => {
    const session = sessionCopy(NOW);
    const whole = encodeSession(session);
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
        (at, by) => {
          const value = whole.slice(0, at) + by + whole.slice(at + 1);
          const entry = decodeEntry(value, session.digest, session.realm);
          if (entry?.kind === 'copy') expect(entry.session.digest).toBe(session.digest);
        },
      ),
    );
  });
});

it('tells a tombstone by its one word', () => {
  expect(decodeEntry(TOMBSTONE, 'any', 'web')).toEqual({ kind: 'tombstone' });
  expect(decodeEntry('{"tombstone":true,"more":1}', 'any', 'web')).toEqual({ kind: 'tombstone' });
  expect(decodeEntry('{"tombstone":1}', 'any', 'web')).toBeNull();
});

/** What a field may hold all the same: an agent may be absent, an address or agent empty, an instant odd. */
function allowed(field: string, value: unknown): boolean {
  if (field === 'user_agent') return value === undefined || value === '';
  if (field === 'ip') return value === '';
  return field.endsWith('_at') && typeof value === 'number';
}
