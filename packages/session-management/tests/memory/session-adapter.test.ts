import { expect, it } from 'vitest';
import { MemorySessionAdapter } from '../../src/adapters/memory-session-adapter.ts';
import { LIMITS } from '../../src/policy/limits.ts';
import { expectRefusal, sessionCopy } from '../../src/testing/samples.ts';
import { manualClock } from '../../src/testing.ts';

const DAY_SECONDS = 86_400;

it('remembers what was deleted for as long as it would have lived, and for W at least', async () => {
  const clock = manualClock();
  const sessions = new MemorySessionAdapter(clock);
  const data = { user_id: 'u', created_at: clock.now(), expires_at: clock.now() + 1, ip: '' };
  await sessions.set('long', data, DAY_SECONDS);
  await sessions.set('short', data, 1);
  await sessions.delete('long');
  await sessions.delete('short');
  clock.advance(LIMITS.W - 1);
  await expectRefusal(sessions.set('short', data, 1), 'SESSION_REVOKED');

  clock.advance(1);
  await expect(sessions.set('short', data, 1)).resolves.toBeUndefined();
  clock.advance(DAY_SECONDS * 1_000 - LIMITS.W - 1);
  await expectRefusal(sessions.set('long', data, 1), 'SESSION_REVOKED');
});

it('remembers an ended copy for W', async () => {
  const clock = manualClock();
  const sessions = new MemorySessionAdapter(clock);
  const { digest, realm } = sessionCopy(clock.now());
  await sessions.end([digest], realm);
  clock.advance(LIMITS.W - 1);
  expect(await sessions.read(digest, realm)).toEqual({ state: 'tombstone' });

  clock.advance(1);
  expect(await sessions.read(digest, realm)).toEqual({ state: 'miss' });
});
