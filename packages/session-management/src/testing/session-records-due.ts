import { expect, it } from 'vitest';
import type { RecordsStage } from './records-stage.ts';
import { next, rotated } from './session-records-rotating.ts';

export function becomingDue(stage: RecordsStage): void {
  const { harness, open, records, userId } = stage;
  const dueOf = async (digest: string) => {
    const answer = (await records().read([digest])).get(digest);
    return answer?.state === 'live' ? answer.live.session.rotationDue : answer?.state;
  };

  it('is due when the role of the user has changed, until it rotates', async () => {
    const { session } = await open();
    const to = next();
    expect(session.rotationDue).toBeUndefined();
    await harness().users.change(userId(), { role: 'ADMIN' });
    expect(await dueOf(session.digest)).toBe(true);

    await records().extend(session.digest, 30_000);
    await harness().users.change(userId(), { isVerified: true });
    expect(await dueOf(session.digest)).toBe(true);
    const { before, live } = await rotated(stage, session.digest, to);
    expect([before.rotationDue, live.session.rotationDue]).toEqual([undefined, undefined]);
    expect([await dueOf(session.digest), await dueOf(to)]).toEqual([undefined, undefined]);
  });

  it("is not due by any other change, and the user's version is higher when it is", async () => {
    const { session } = await open();
    await harness().users.change(userId(), { isVerified: true, lastLoginAt: new Date() });
    expect(await dueOf(session.digest)).toBeUndefined();

    await harness().users.change(userId(), { role: 'ADMIN' });
    const answer = (await records().read([session.digest])).get(session.digest);
    const version = answer?.state === 'live' ? answer.live.session.userVersion : Number.NaN;
    expect(version).toBeGreaterThan(session.userVersion);
  });
}
