import { expect, it } from 'vitest';
import { decodeEntry, encodeSession } from '../../src/policy/session-record.ts';
import { sessionCopy } from '../../src/testing/samples.ts';

const NOW = Date.UTC(2026, 0, 1);
const actor = { userId: 'root', handle: 'handle-1' };
const copy = sessionCopy(NOW, { actor });

it('a copy says who acts in the place of its user', () => {
  const entry = decodeEntry(encodeSession(copy), copy.digest, copy.realm);
  expect(entry).toEqual({ kind: 'copy', session: copy });
});

it("a copy of the user's own session says nothing of it", () => {
  expect(encodeSession({ ...copy, actor: null })).not.toContain('actor');
});

it.each([
  [null],
  ['root'],
  [[]],
  [{}],
  [{ user_id: 'root' }],
  [{ user_id: '', handle: 'h' }],
  [{ user_id: 1, handle: 'h' }],
])(
  'a copy whose actor is %j is no copy: it must not pass for the own session of its user',
  (wrong) => {
    const text = JSON.stringify({ ...JSON.parse(encodeSession(copy)), actor: wrong });
    expect(decodeEntry(text, copy.digest, copy.realm)).toBeNull();
  },
);
