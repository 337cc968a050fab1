import { expect, it } from 'vitest';
import { decodeEntry, encodeSession } from '../../src/policy/session-record.ts';
import { sessionCopy } from '../../src/testing/samples.ts';

const NOW = Date.UTC(2026, 0, 1);
const actor = { userId: 'root', handle: 'handle-1' };
const copy = sessionCopy(NOW, { actor });
const CHECK = 'AbCd-_9';
const text = encodeSession(copy, CHECK);
const decode = (value: string) => decodeEntry(value, copy.digest, copy.realm, CHECK);

it('a copy says who acts in the place of its user', () => {
  expect(decode(text)).toEqual({ kind: 'copy', session: copy });
});

it("a copy of the user's own session says nothing of it", () => {
  const own = encodeSession({ ...copy, actor: null }, CHECK);
  expect(decode(own)).toEqual({ kind: 'copy', session: { ...copy, actor: null } });
  expect(own.length).toBeLessThan(text.length);
});

const [, before = '', packedActor = ''] = /^(.*)(\.~[\w-]+\.~[\w-]+)"\}$/.exec(text) ?? [];

it.each([
  ['none, though it says so', ''],
  ['half of one', '.~cm9vdA'],
  ['an empty one', '.~.~'],
  ['one and a half', `${packedActor}.~cm9vdA`],
  ['no text', '.~cm9vdA.%'],
  ['neither uuid nor marked', '.root.handle'],
])(
  'a copy whose actor is %s is no copy: it must not pass for the own session of its user',
  (_what, wrong) => {
    expect(before).not.toBe('');
    expect(decode(`${before}${wrong}"}`)).toBeNull();
  },
);

it('a copy with an actor that it does not speak of is no copy', () => {
  const own = encodeSession({ ...copy, actor: null }, CHECK);
  expect(decode(`${own.slice(0, -2)}${packedActor}"}`)).toBeNull();
});
