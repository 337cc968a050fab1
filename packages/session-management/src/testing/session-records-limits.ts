import { expect, it } from 'vitest';
import type { LimitRule, SessionLimit } from '../types/index.ts';
import type { RecordsStage } from './records-stage.ts';
import { expectRefusal, newSession } from './samples.ts';

export function limiting({ harness, open, records, stateOf, userId }: RecordsStage): void {
  const atMost = (most: number, rule: LimitRule): SessionLimit => ({ most, rule });

  /** Opens so many, one clearly after the other. */
  const openInTurn = async (count: number, limit: SessionLimit | null = null) => {
    const digests: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const { session } = await open({ limit });
      digests.push(session.digest);
      await harness().elapse(5);
    }
    return digests;
  };
  const handlesOf = async (digests: readonly string[]) => {
    const answers = await records().read(digests);
    return digests.map((digest) => {
      const answer = answers.get(digest);
      return answer?.state === 'live' ? answer.live.session.handle : '';
    });
  };
  const statesOf = (digests: readonly string[]) => Promise.all(digests.map(stateOf));

  it('ends what was opened first, and says which', async () => {
    const digests = await openInTurn(3);
    const handles = await handlesOf(digests);
    const asked = newSession(userId(), { limit: atMost(2, 'end-oldest') });
    const { madeRoom } = await records().create(asked);

    expect(madeRoom.count).toBe(2);
    expect(madeRoom.digests.toSorted()).toEqual(digests.slice(0, 2).toSorted());
    const names = madeRoom.ended.map(({ handle }) => handle);
    expect(names.toSorted()).toEqual(handles.slice(0, 2).toSorted());
    expect(madeRoom.ended[0]).toMatchObject({ userId: userId(), realm: asked.realm });
    expect(await statesOf([...digests, asked.digest])).toEqual([
      'revoked',
      'revoked',
      'live',
      'live',
    ]);
  });

  it('ends what was used longest ago', async () => {
    const first = await open();
    await harness().elapse(5);
    const [second] = await openInTurn(1);
    await records().touch([first.session.handle], 0);
    await open({ limit: atMost(2, 'end-least-recent') });

    expect(await statesOf([first.session.digest, second ?? ''])).toEqual(['live', 'revoked']);
  });

  it('refuses, ends nothing and opens nothing where the rule says so', async () => {
    const digests = await openInTurn(2);
    const asked = newSession(userId(), { limit: atMost(2, 'reject-new') });
    await expectRefusal(records().create(asked), 'SESSION_LIMIT_REACHED');
    expect(await statesOf([...digests, asked.digest])).toEqual(['live', 'live', 'unknown']);

    await records().endByDigest(digests[0] ?? '', 'signed-out');
    await records().create(asked);
    expect(await stateOf(asked.digest)).toBe('live');
  });

  it('counts live sessions of this user and realm only', async () => {
    const limit = atMost(1, 'reject-new');
    const revoked = await open();
    await records().endByDigest(revoked.session.digest, 'signed-out');
    await open({ ttlMs: 1_000 });
    await open({ realm: 'admin', limit });
    await harness().elapse(1_000);

    expect((await records().create(newSession(userId(), { limit }))).madeRoom.ended).toEqual([]);
  });

  it('is asked the same twice: one session, and nothing more ends', async () => {
    const digests = await openInTurn(2);
    const limit = atMost(2, 'end-oldest');
    const asked = newSession(userId(), { limit });
    await records().create(asked);

    expect((await records().create(asked)).madeRoom.digests).toEqual([]);
    const refusing = { ...asked, limit: atMost(2, 'reject-new') };
    expect((await records().create(refusing)).session.digest).toBe(asked.digest);
    expect(await statesOf([...digests, asked.digest])).toEqual(['revoked', 'live', 'live']);
  });

  it('knows no user who is not there', async () => {
    const nobody = newSession('no-such-user', { limit: atMost(1, 'end-oldest') });
    await expectRefusal(records().create(nobody), 'USER_NOT_FOUND');
  });

  it.each(['end-oldest', 'end-least-recent', 'reject-new'] as const)(
    'leaves exactly the limit of 50 log-ins at once, by %s',
    async (rule) => {
      const asked = Array.from({ length: 50 }, () =>
        newSession(userId(), { limit: atMost(5, rule) }),
      );
      const done = await Promise.allSettled(asked.map((session) => records().create(session)));

      const states = await statesOf(asked.map(({ digest }) => digest));
      expect(states.filter((state) => state === 'live')).toHaveLength(5);
      const opened = done.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(opened).toHaveLength(rule === 'reject-new' ? 5 : 50);
      const ended = opened.flatMap((one) => one.madeRoom.digests);
      expect(new Set(ended).size).toBe(opened.length - 5);
      expect(ended).toHaveLength(opened.length - 5);
    },
  );
}
