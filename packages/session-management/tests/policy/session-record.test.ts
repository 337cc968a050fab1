import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeEntry,
  encodeSession,
  encodeSessionData,
  encodeTombstone,
  sessionDataOf,
} from '../../src/policy/session-record.ts';
import { sessionCopy } from '../../src/testing/samples.ts';
import type { SessionCopy, SessionData } from '../../src/types/index.ts';

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
  lastLoginAt: fc.option(instant),
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

const CHECK = 'AbCd-_9';
const encode = (session: SessionCopy): string => encodeSession(session, CHECK);
const decode = (value: string, { digest, realm }: SessionCopy) =>
  decodeEntry(value, digest, realm, CHECK);
const decodeAny = (value: string) => decodeEntry(value, 'any', 'web', CHECK);

describe('a copy of a session', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anySession, (session) => {
        expect(decode(encode(session), session)).toStrictEqual({ kind: 'copy', session });
      }),
    );
  });

  it('is nothing with the check of another digest or deployment', () => {
    const session = sessionCopy(NOW);
    const theirs = encodeSession(session, 'AbCd-_8');

    expect(decode(theirs, session)).toBeNull();
    expect(decodeEntry(theirs, session.digest, 'web', null)).toStrictEqual({
      kind: 'copy',
      session,
    });
  });

  it('is the fields of the document, and one of ours, the last and a short one', () => {
    const session = sessionCopy(NOW, { userVersion: 62_000_000_000 });
    const fields: Record<string, unknown> = JSON.parse(encode(session));

    expect(Object.keys(fields)).toEqual([
      'user_id',
      'created_at',
      'expires_at',
      'ip',
      'user_agent',
      's',
    ]);
    expect(String(fields['s']).length).toBeLessThanOrEqual(67);
  });

  it('is nothing when a field is missing or of another type', () => {
    const session = sessionCopy(NOW);
    const fields: object = JSON.parse(encode(session));
    for (const field of Object.keys(fields)) {
      const wrongs = [undefined, null, {}, [], true, -1.5, ''].filter(
        (wrong) => !allowed(field, wrong),
      );
      for (const wrong of wrongs) {
        const value = JSON.stringify({ ...fields, [field]: wrong });
        expect(decode(value, session)?.kind === 'copy', `${field} = ${JSON.stringify(wrong)}`).toBe(
          false,
        );
      }
    }
  });

  it('says nothing that we would not have written: what is packed has one form', () => {
    const piece = fc.constantFrom('0', '-', '~', 'A', 'z', '.', '..', '4', '00', ' ');
    fc.assert(
      fc.property(anySession, fc.nat(), fc.nat(3), piece, (session, from, length, by) => {
        const whole = encode(session);
        const start = whole.lastIndexOf('"s":"') + 5;
        const at = start + (from % (whole.length - 2 - start));
        const value = whole.slice(0, at) + by + whole.slice(at + length);
        const entry = decode(value, session);
        if (entry?.kind === 'copy') expect(encode(entry.session)).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what the adapter sets alone', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const entry = decodeAny(encodeSessionData(data));
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
        expect(decodeAny(encodeSessionData(data))).toEqual({ kind: 'plain', data });
      }),
    );
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
          expect(decodeAny(value)?.kind).not.toBe('copy');
        },
      ),
    );
  });

  it('of half a copy is nothing', () => {
    const session = sessionCopy(NOW);
    const whole = encode(session);
    for (let length = 0; length < whole.length; length += 1) {
      expect(decode(whole.slice(0, length), session)).toBeNull();
    }
  });

  it('of one changed character is this session or nothing', () => {
    const session = sessionCopy(NOW);
    const whole = encode(session);
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
        (at, by) => {
          const value = whole.slice(0, at) + by + whole.slice(at + 1);
          const entry = decode(value, session);
          if (entry?.kind === 'copy') expect(entry.session.digest).toBe(session.digest);
        },
      ),
    );
  });
});

it('tells a tombstone by its check', () => {
  expect(decodeAny(encodeTombstone(CHECK))).toEqual({ kind: 'tombstone' });
  expect(decodeAny(encodeTombstone('AbCd-_8'))).toBeNull();
  expect(decodeEntry(encodeTombstone('AbCd-_8'), 'any', 'web', null)).toEqual({
    kind: 'tombstone',
  });
  expect(decodeAny('{"tombstone":true}')).toBeNull();
});

/** What a field may hold all the same: an agent may be absent, an address or agent empty, an instant odd. */
function allowed(field: string, value: unknown): boolean {
  if (field === 'user_agent') return value === undefined || value === '';
  if (field === 'ip') return value === '';
  if (field === 's' && value === undefined) return true;
  return field.endsWith('_at') && typeof value === 'number';
}
