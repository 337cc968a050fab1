import { beforeEach, describe, expect, it } from 'vitest';
import { newSession, sessionCopy, userCopy } from '../../src/testing/samples.ts';
import { LogInGroups } from '../../src/tiers/log-in-groups.ts';
import {
  type LiveSession,
  type NewSession,
  SessionStoreUnavailableError,
} from '../../src/types/index.ts';

/** A statement of many that was sent, and how it is answered. */
interface Sent {
  sessions: readonly NewSession[];
  answer(opened: readonly NewSession[]): void;
  fail(error: Error): void;
}

let sent: Sent[];
let alone: NewSession[];
let groups: LogInGroups;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const outage = () => new SessionStoreUnavailableError('postgres', 'session_create_many');
const users = (count: number) =>
  Array.from({ length: count }, (_none, n) => newSession(`user-${n}`));

function live({ digest, handle, userId }: NewSession): LiveSession {
  return { session: sessionCopy(0, { digest, handle, userId }), user: userCopy(0) };
}

beforeEach(() => {
  sent = [];
  alone = [];
  groups = new LogInGroups(
    {
      create: async (session) => {
        alone.push(session);
        return { ...live(session), madeRoom: { count: 0, digests: [], ended: [] } };
      },
      createMany: (sessions) =>
        new Promise((resolve, reject) => {
          const answer = (opened: readonly NewSession[]) =>
            resolve(new Map(opened.map((each) => [each.digest, live(each)])));
          sent.push({ sessions, answer, fail: reject });
        }),
    },
    1_000,
  );
});

describe('log-ins that arrive together', () => {
  it('travel in one statement, and each gets its own session', async () => {
    const asked = users(3);
    const opening = Promise.all(asked.map((each) => groups.open(each)));
    await turn();
    expect(sent.map(({ sessions }) => sessions)).toEqual([asked]);

    sent[0]?.answer(asked);
    const digests = (await opening).map(({ session }) => session.digest);
    expect(digests).toEqual(asked.map(({ digest }) => digest));
    expect(alone).toEqual([]);
  });

  it('gather while two statements are under way', async () => {
    const opening: Promise<unknown>[] = [];
    for (const each of users(5)) {
      opening.push(groups.open(each));
      await turn();
    }
    expect(sent.map(({ sessions }) => sessions.length)).toEqual([1, 1]);

    sent[0]?.answer(sent[0].sessions);
    await opening[0];
    await turn();
    expect(sent.map(({ sessions }) => sessions.length)).toEqual([1, 1, 3]);
    for (const { answer, sessions } of sent) answer(sessions);
    await Promise.all(opening);
  });

  it('are opened alone where the record left them out', async () => {
    const [first, second] = users(2) as [NewSession, NewSession];
    const opening = Promise.all([groups.open(first), groups.open(second)]);
    await turn();
    sent[0]?.answer([first]);
    await opening;
    expect(alone).toEqual([second]);
  });

  it('are opened alone at once in a realm with a limit, or with one for a role', async () => {
    const limit = { most: 2, rule: 'end-oldest' } as const;
    const ofRole = { ADMIN: { ttlMs: 1_000, absoluteMs: 1_000, limit } };
    const limited = [newSession('user', { limit }), newSession('user', { termsOfRole: ofRole })];
    await Promise.all(limited.map((each) => groups.open(each)));
    expect(alone).toEqual(limited);
    expect(sent).toEqual([]);
  });
});

describe('a group that gets no answer', () => {
  it('leaves the outcome of each unknown, and the next one goes on', async () => {
    const opening = Promise.allSettled(users(2).map((each) => groups.open(each)));
    await turn();
    sent[0]?.fail(outage());
    const outcomes = await opening;
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);

    const [next] = users(1) as [NewSession];
    const opened = groups.open(next);
    await turn();
    sent[1]?.answer([next]);
    await expect(opened).resolves.toMatchObject({ session: { digest: next.digest } });
  });

  it('is waited for no longer than its time, and 2,000 wait at most', async () => {
    const impatient = new LogInGroups(
      { create: () => Promise.reject(outage()), createMany: () => new Promise(() => undefined) },
      20,
    );
    const outcomes = await Promise.allSettled(users(2_600).map((each) => impatient.open(each)));
    const codes = outcomes.map((each) =>
      each.status === 'rejected' ? each.reason.code : 'opened',
    );
    expect(new Set(codes)).toEqual(new Set(['STORE_UNAVAILABLE']));
  });
});
