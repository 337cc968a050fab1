import { createUserManager, generateSessionId } from '@repo/exchange-core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MockUserManagerWrapper } from '../../src/managers/mock-user-manager-wrapper.ts';
import { LIMITS } from '../../src/policy/limits.ts';
import { newUser } from '../../src/testing/samples.ts';
import { manualClock } from '../../src/testing.ts';

/** What the model knows of one sessionId: until when it may be accepted, and since when it must not be. */
interface Known {
  sessionId: string;
  handle: string;
  current: boolean;
  acceptedUntil: number;
}

type Step =
  | { verb: 'rotate' | 'extend' | 'revoke' | 'confirm' | 'look'; which: number }
  | { verb: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constantFrom('rotate', 'extend', 'confirm', 'look', 'rotate', 'look'),
      which: fc.nat(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('revoke'), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('wait'),
      ms: fc.constantFrom(1, 1_000, 9_999, LIMITS.ROTATION_GRACE, 60_000),
    }),
  },
);

const TTL = 3_600;

/** Two sessions of two users, what is known of every sessionId they ever had, and the steps' verbs. */
async function newModel() {
  const clock = manualClock();
  const manager = new MockUserManagerWrapper(createUserManager(), { clock });
  const known: Known[] = [];
  const owners = new Map<string, string>();
  for (let n = 0; n < 2; n += 1) {
    const { id } = await manager.create(newUser());
    const sessionId = await manager.createSession(id, { ip: '' }, TTL);
    const found = await manager.validateSession(sessionId);
    const handle = found.status === 'active' ? found.session.id : '';
    owners.set(handle, id);
    const acceptedUntil = clock.now() + TTL * 1_000;
    known.push({ sessionId, handle, current: true, acceptedUntil });
  }
  const ofSession = (handle: string) => known.filter((one) => one.handle === handle);

  const rotated = (from: Known, sessionId: string): void => {
    const { acceptedUntil, handle } = from;
    const graceEnd = Math.min(acceptedUntil, clock.now() + LIMITS.ROTATION_GRACE);
    for (const one of ofSession(handle)) one.acceptedUntil = one === from ? graceEnd : 0;
    from.current = false;
    known.push({ sessionId, handle, current: true, acceptedUntil });
  };

  return {
    async play(next: Step): Promise<void> {
      if (next.verb === 'wait') return clock.advance(next.ms);
      const one = known[next.which % known.length];
      if (one === undefined) return;
      const lives = one.current && clock.now() < one.acceptedUntil;
      if (next.verb === 'rotate') {
        const rotation = await manager.rotateSession(one.sessionId);
        expect(rotation.rotated).toBe(lives);
        if (rotation.rotated) rotated(one, rotation.sessionId);
      } else if (next.verb === 'extend') {
        await manager.extendSession(one.sessionId, TTL);
        if (lives) one.acceptedUntil = clock.now() + TTL * 1_000;
      } else if (next.verb === 'confirm') {
        expect(await manager.confirmIdentity(one.sessionId)).toBe(lives);
      } else if (next.verb === 'revoke' && clock.now() < one.acceptedUntil) {
        await manager.deleteSession(one.sessionId);
        for (const other of ofSession(one.handle)) other.acceptedUntil = 0;
      }
    },
    async check(): Promise<void> {
      for (const { acceptedUntil, handle, sessionId } of known) {
        const found = await manager.validateSession(sessionId);
        expect(found.status).toBe(clock.now() < acceptedUntil ? 'active' : 'none');
        if (found.status !== 'active') continue;
        expect([found.session.id, found.user.id]).toEqual([handle, owners.get(handle)]);
      }
      expect(await manager.validateSession(generateSessionId())).toMatchObject({
        reason: 'unknown',
      });
    },
    close: () => manager.close(),
  };
}

it('accepts each sessionId exactly while it is current or in its grace, as its own session, whatever the order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const model = await newModel();
      for (const next of steps) {
        await model.play(next);
        await model.check();
      }
      await model.close();
    }),
    { numRuns: 60 },
  );
});
