import { describe, expect, it } from 'vitest';
import { planNewUser, planUserUpdate } from '../../src/policy/user-update.ts';
import type { CreateUserData, User } from '../../src/types/index.ts';

const update = (data: unknown) => planUserUpdate(Object.assign<Partial<User>, unknown>({}, data));
const create = (data: unknown) =>
  planNewUser(
    Object.assign<CreateUserData, unknown>(
      { email: 'a@b.c', role: 'USER', isVerified: false },
      data,
    ),
  );

describe('an update', () => {
  it('sets what is given, in normal form, and nothing else', () => {
    const lastLoginAt = new Date();
    const data = { email: ' Ann@Example.ORG ', lastLoginAt, role: undefined, nonsense: 1, id: 'x' };

    expect(update(data)).toEqual({
      set: { email: 'ann@example.org', lastLoginAt },
      clearSessionId: false,
      inbox: null,
    });
  });

  it.each([
    [{}, false, null],
    [{ sessionId: undefined }, true, null],
    [{ sessionId: null }, true, null],
    [{ sessionId: 'plain' }, false, 'plain'],
  ])('of %j clears the sessionId: %s, opens: %s', (data, clearSessionId, inbox) => {
    expect(update(data)).toEqual({ set: {}, clearSessionId, inbox });
  });

  it('clears nullable columns with null', () => {
    const cleared = { hashedPassword: null, lastLoginAt: null };

    expect(update(cleared).set).toEqual(cleared);
  });

  it.each([
    { id: null },
    { email: null },
    { email: '' },
    { email: 7 },
    { email: 'nul\0' },
    { role: null },
    { role: 'ROOT' },
    { role: 'toString' },
    { isVerified: null },
    { isVerified: 1 },
    { createdAt: null },
    { createdAt: '2026-01-01' },
    { createdAt: new Date(Number.NaN) },
    { lastLoginAt: 0 },
    { hashedPassword: 7 },
    { hashedPassword: 'nul\0' },
    { sessionId: '' },
    { sessionId: 7 },
    { sessionId: 'two words' },
    { sessionId: 'sha256:x' },
  ])('of %j is a TypeError that does not show the value', (data) => {
    expect(() => update(data)).toThrow(TypeError);
    expect(() => update(data)).not.toThrow(/nul|two words|ROOT|:x/);
  });
});

describe('a new user', () => {
  it('gets the defaults of its columns', () => {
    expect(create({ role: undefined, isVerified: undefined })).toEqual({
      set: {
        email: 'a@b.c',
        role: 'USER',
        isVerified: false,
        hashedPassword: null,
        lastLoginAt: null,
      },
      inbox: null,
    });
  });

  it('may come with a sessionId', () => {
    expect(create({ sessionId: 'plain' }).inbox).toBe('plain');
  });

  it.each([{ email: undefined }, { email: null }, { role: null }, { sessionId: 'sha256:x' }])(
    'of %j is a TypeError',
    (data) => {
      expect(() => create(data)).toThrow(TypeError);
    },
  );
});
