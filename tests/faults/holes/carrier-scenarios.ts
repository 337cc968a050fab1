import { UNHARMED } from '../harness/fault.ts';
import { BOUNDS } from '../harness/history.ts';
import { withSession } from '../harness/stores.ts';
import { broken, ONE_SESSION, PATIENT, type Scenario, TWO } from './scenario.ts';
import { holds, idle, past, sessionOf, until } from './steps.ts';

/** The end commits when later transactions have been looked at. */
export const lateCommit: Scenario = {
  options: { processes: 1, ...ONE_SESSION, env: PATIENT },
  allows: UNHARMED,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    await idle(stage);
    await withSession(stage.databaseUrl, async (query) => {
      await query('BEGIN');
      await query('UPDATE sessions."Session" SET "revokedAt" = now()');
      await stage.sql('SELECT pg_current_xact_id()');
      await past(performance.now(), 600);
      await stage.recorder.byHand({ verb: 'delete', session }, () => query('COMMIT'));
    });
    await past(performance.now(), BOUNDS.health + 100);
    await stage.call(0, { verb: 'validate', session });
    return [];
  },
};

/**
 * The carrier has begun to carry a change to Redis and hangs there. Another process, with one connection to
 * PostgreSQL for all that it does, changes the same user.
 */
export const carrierStuck: Scenario = {
  options: { ...TWO, env: { ...PATIENT, SESSION_MAX_CONNECTIONS: '1' } },
  allows: UNHARMED,
  play: async (stage) => {
    const session = sessionOf(stage, 0);
    const { userId } = session;
    await idle(stage);
    return broken(async () => {
      stage.linksOf(0).redis.freeze('toServer');
      await stage.setRole(userId, 'ADMIN');
      // Looked at within 200 ms, carried 200 ms later.
      await past(performance.now(), 1_000);
      await stage.call(1, { verb: 'revokeAll', userId });
      await until('its rows are gone, or it waits', () => holds(stage, GONE_OR_WAITS));
      await stage.call(1, { verb: 'confirm', session });
    });
  },
};

const GONE_OR_WAITS = `(SELECT count(*) < 2 FROM sessions."Outbox")
  OR EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock')`;
