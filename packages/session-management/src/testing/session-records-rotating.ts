import { expect, it } from 'vitest';
import { DEFAULT_REALM, LIMITS } from '../policy/limits.ts';
import type { Rotation } from '../types/index.ts';
import type { RecordsStage } from './records-stage.ts';
import { newSession } from './samples.ts';

type Rotated = Extract<Rotation, { state: 'rotated' }>;

export function rotating(stage: RecordsStage): void {
  gettingTheNext(stage);
  losingThePrevious(stage);
}

/** A digest that no session has. */
export const next = (): string => newSession('').digest;

/** Rotates what must rotate. */
export async function rotated(
  { records }: RecordsStage,
  digest: string,
  to: string,
): Promise<Rotated> {
  const rotation = await records().rotate(digest, to);
  if (rotation.state !== 'rotated') throw new Error(`a live session is ${rotation.state}`);
  return rotation;
}

function gettingTheNext(stage: RecordsStage): void {
  const { harness, open, records, stateOf, userId } = stage;

  it('gives a live session the next digest, and leaves all else as it was', async () => {
    const { session } = await open();
    const to = next();
    const { live } = await rotated(stage, session.digest, to);

    const { confirmedAt, version, ...same } = session;
    expect(live.session).toMatchObject({ ...same, digest: to });
    expect(live.session.version).toBeGreaterThan(version);
    expect(live.session.confirmedAt).toBeGreaterThanOrEqual(confirmedAt);
    expect(live.session.inGrace).toBeUndefined();
    const listed = await records().list(userId(), DEFAULT_REALM);
    expect(listed.map(({ handle }) => handle)).toEqual([session.handle]);
  });

  it('honours the previous digest for its grace, under the same handle and version', async () => {
    const { session } = await open();
    const { before, live } = await rotated(stage, session.digest, next());
    const answer = (await records().read([session.digest])).get(session.digest);

    const { digest } = session;
    expect(before).toMatchObject({ digest, handle: session.handle, inGrace: true });
    expect(before.version).toBe(live.session.version);
    const left = before.expiresAt - live.session.confirmedAt;
    expect(left).toBeGreaterThanOrEqual(LIMITS.ROTATION_GRACE);
    expect(left).toBeLessThan(LIMITS.ROTATION_GRACE + 5_000);
    expect(answer).toMatchObject({ state: 'live', live: { session: { inGrace: true, digest } } });
  });

  it('lets no grace outlive the session', async () => {
    const { session } = await open({ ttlMs: 5_000 });
    const { before } = await rotated(stage, session.digest, next());

    expect(before.expiresAt).toBe(session.expiresAt);
  });

  it('rotates once for many that come at once, each with a next of its own', async () => {
    const { session } = await open();
    const rotations = await Promise.all(
      Array.from({ length: 5 }, () => records().rotate(session.digest, next())),
    );

    const states = rotations.map(({ state }) => state).toSorted();
    expect(states).toEqual(['in-grace', 'in-grace', 'in-grace', 'in-grace', 'rotated']);
  });

  it('rotates once when told twice', async () => {
    const { session } = await open();
    const to = next();
    const first = await rotated(stage, session.digest, to);
    const second = await rotated(stage, session.digest, to);

    expect(second.live.session.version).toBe(first.live.session.version);
    expect(second.before.expiresAt).toBe(first.before.expiresAt);
  });

  it('says why it rotates nothing', async () => {
    const [revoked, expired] = [await open(), await open({ ttlMs: 1_000 })];
    await records().endByDigest(revoked.session.digest, 'signed-out');
    await harness().elapse(1_000);
    const stateAfter = async (digest: string) => (await records().rotate(digest, next())).state;

    expect(await stateAfter(revoked.session.digest)).toBe('revoked');
    expect(await stateAfter(expired.session.digest)).toBe('expired');
    expect(await stateAfter('unheard-of')).toBe('unknown');
    expect(await stateOf(revoked.session.digest)).toBe('revoked');
  });
}

function losingThePrevious(stage: RecordsStage): void {
  const { harness, open, records, stateOf, userId } = stage;

  it('ends the earlier grace when it rotates again', async () => {
    const { session } = await open();
    const [second, third] = [next(), next()];
    await rotated(stage, session.digest, second);
    const again = await rotated(stage, second, third);

    expect(again.ended).toEqual([session.digest]);
    expect(await stateOf(session.digest)).toBe('unknown');
    expect(await stateOf(second)).toBe('live');
    expect((await records().rotate(session.digest, next())).state).toBe('unknown');
    expect(await stateOf(third)).toBe('live');
  });

  it('does nothing else by a digest in its grace', async () => {
    const { session } = await open();
    const to = next();
    const { live } = await rotated(stage, session.digest, to);

    expect(await records().extend(session.digest, 3_000_000)).toBeNull();
    expect(await records().confirmIdentity(session.digest)).toBeNull();
    const answer = (await records().read([to])).get(to);
    expect(answer).toMatchObject({ live: { session: { version: live.session.version } } });
  });

  it('ends both digests, whichever of them or of the names it is ended by', async () => {
    for (const by of ['previous', 'present', 'handle'] as const) {
      const { session } = await open();
      const to = next();
      await rotated(stage, session.digest, to);
      const ended = await {
        previous: () => records().endByDigest(session.digest, 'signed-out'),
        present: () => records().endByDigest(to, 'signed-out'),
        handle: () => records().endByHandle(userId(), DEFAULT_REALM, session.handle, 'revoked'),
      }[by]();

      expect(ended.digests.toSorted(), by).toEqual([session.digest, to].toSorted());
      expect([await stateOf(session.digest), await stateOf(to)]).toEqual(['revoked', 'revoked']);
    }
  });

  it('ends both digests with the others of the realm', async () => {
    const { session } = await open();
    const to = next();
    await rotated(stage, session.digest, to);
    await records().endOthers(userId(), DEFAULT_REALM, 'another', 'revoked-others');
    expect([await stateOf(session.digest), await stateOf(to)]).toEqual(['revoked', 'revoked']);
  });

  it('ends both digests with all of the user, and forgets both with the user', async () => {
    const { session } = await open();
    const to = next();
    await rotated(stage, session.digest, to);
    await records().endAll(userId(), 'revoked-all');
    expect([await stateOf(session.digest), await stateOf(to)]).toEqual(['revoked', 'revoked']);

    await harness().removeUser(userId());
    expect([await stateOf(session.digest), await stateOf(to)]).toEqual(['unknown', 'unknown']);
  });

  it('refuses the previous digest when its grace is over, and says whose it was', async () => {
    const { session } = await open();
    const to = next();
    await rotated(stage, session.digest, to);
    await harness().elapse(LIMITS.ROTATION_GRACE + 200);

    const { handle, realm } = session;
    expect((await records().read([session.digest])).get(session.digest)).toEqual({
      state: 'past-grace',
      session: { userId: userId(), realm, handle },
    });
    expect((await records().rotate(session.digest, next())).state).toBe('revoked');
    expect(await stateOf(to)).toBe('live');
    const ended = await records().endByDigest(session.digest, 'signed-out');
    expect(ended.digests.toSorted()).toEqual([session.digest, to].toSorted());
    expect(await stateOf(session.digest)).toBe('revoked');
  });
}
