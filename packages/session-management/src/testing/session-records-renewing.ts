import { expect, it } from 'vitest';
import { DEFAULT_REALM } from '../policy/limits.ts';
import type { Renewal, SessionCopy } from '../types/index.ts';
import type { RecordsStage } from './records-stage.ts';

const IDLE = { timeoutMs: 30_000, updateAgeMs: 1_000 };
const HOUR = 3_600_000;

/** The session was used, under this rule. */
function use({ handle }: SessionCopy, rule: Partial<Renewal> = {}): Renewal {
  return { handle, absoluteMs: HOUR, idle: IDLE, ...rule };
}

export function renewing({ harness, open, records, stateOf, userId }: RecordsStage): void {
  const opened = async (given?: Parameters<typeof open>[0]): Promise<SessionCopy> =>
    (await open({ ttlMs: IDLE.timeoutMs, ...given })).session;

  it('moves the end to now + idle timeout, marks the session as seen, and tells no copy', async () => {
    const session = await opened();
    await harness().elapse(IDLE.updateAgeMs);
    const [renewed] = await records().renew([use(session)]);

    expect(renewed?.expiresAt).toBeGreaterThanOrEqual(session.expiresAt + IDLE.updateAgeMs);
    const life = (renewed?.expiresAt ?? 0) - (renewed?.confirmedAt ?? 0);
    expect(Math.abs(life - IDLE.timeoutMs)).toBeLessThanOrEqual(1);
    expect(renewed).toEqual({
      ...session,
      expiresAt: renewed?.expiresAt,
      confirmedAt: renewed?.confirmedAt,
    });
    const [listed] = await records().list(userId(), DEFAULT_REALM);
    expect(listed?.expiresAt).toBe(renewed?.expiresAt);
    expect(listed?.lastSeenAt).toBeGreaterThanOrEqual(session.createdAt + IDLE.updateAgeMs);
  });

  it('moves it at most once per update age, however many ask at once', async () => {
    const sessions = await Promise.all([opened(), opened()]);
    const due = sessions.map((session) => use(session));
    expect(await records().renew(due)).toEqual([]);

    await harness().elapse(IDLE.updateAgeMs);
    const renewed = await Promise.all(Array.from({ length: 10 }, () => records().renew(due)));
    expect(
      renewed
        .flat()
        .map(({ handle }) => handle)
        .sort(),
    ).toEqual(sessions.map(({ handle }) => handle).sort());
    expect(await records().renew(due)).toEqual([]);
  });

  it('stops at the absolute limit, and changes nothing there', async () => {
    const session = await opened({ absoluteMs: IDLE.timeoutMs + 500 });
    await harness().elapse(IDLE.updateAgeMs);
    const [renewed] = await records().renew([use(session)]);

    expect(renewed?.expiresAt).toBe(session.absoluteExpiresAt);
    expect(await records().renew([use(session)])).toEqual([]);
  });

  it('draws in what is longer than is allowed now, and raises the version for the copies', async () => {
    const session = await opened({ ttlMs: HOUR });
    const [renewed] = await records().renew([use(session, { absoluteMs: 60_000 })]);

    expect(renewed?.absoluteExpiresAt).toBe(session.createdAt + 60_000);
    expect(renewed?.expiresAt).toBeLessThanOrEqual((renewed?.confirmedAt ?? 0) + 30_001);
    expect(renewed?.version).toBeGreaterThan(session.version);
    const looser = await records().renew([use(session, { absoluteMs: HOUR })]);
    expect(looser).toEqual([]);
  });

  it('ends what should have ended before, and says so', async () => {
    const session = await opened();
    await harness().elapse(50);
    const [renewed] = await records().renew([use(session, { absoluteMs: 20, idle: null })]);

    expect(renewed?.expiresAt).toBeLessThanOrEqual(renewed?.confirmedAt ?? 0);
    expect(await stateOf(session.digest)).toBe('expired');
  });

  it('leaves an end alone that no rule moves', async () => {
    const session = await opened();
    await harness().elapse(IDLE.updateAgeMs);

    expect(await records().renew([use(session, { idle: null })])).toEqual([]);
    expect(await records().renew([])).toEqual([]);
  });

  it('revives nothing', async () => {
    const [revoked, expired] = [await opened(), await opened({ ttlMs: 1_000 })];
    await records().endByDigest(revoked.digest, 'signed-out');
    await harness().elapse(IDLE.updateAgeMs);

    const dead = [revoked, expired, { ...revoked, handle: 'not-a-handle' }];
    expect(await records().renew(dead.map((session) => use(session)))).toEqual([]);
    expect(await stateOf(revoked.digest)).toBe('revoked');
    expect(await stateOf(expired.digest)).toBe('expired');
  });
}
