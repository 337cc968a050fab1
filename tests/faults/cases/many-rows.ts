import { type Fault, UNHARMED } from '../harness/fault.ts';
import { waiting } from '../harness/propagation.ts';
import type { Stage } from '../harness/stage.ts';
import { waitFor } from '../harness/stores.ts';

const WAITING = 200_000;
const ROWS = `
  INSERT INTO sessions."Outbox"("kind", "key", "realm", "version", "isEnd")
  SELECT 'session', md5(n::text), 'web', 1, n % 2 = 0 FROM generate_series(1, $1::int) n`;

/** Nobody waits for what others have left. */
export const backlog: Fault = {
  id: 'F-46',
  title: `${WAITING} changes wait to be carried when the processes start`,
  promise: 'they serve at once, and the changes are gone within seconds',
  allows: UNHARMED,
  isQuiet: true,
  holdMs: 0,
  inject: async (stage) => {
    await Promise.all(stage.applications.map((each) => each.kill()));
    await stage.sql(ROWS, [WAITING]);
    await Promise.all(stage.applications.map((_each, place) => startAndAsk(stage, place)));
    await waitFor(async () => (await waiting(stage)) === 0);
  },
  heal: async () => undefined,
};

async function startAndAsk(stage: Stage, place: number): Promise<void> {
  await stage.startProcess(place);
  for (const session of stage.recorder.live().slice(0, 20)) {
    await stage.call(place, { verb: 'validate', session });
  }
}

const ENDED = 100_000;
/** Of somebody whom nobody asks about. */
const SESSIONS = `
  WITH stranger AS (
    INSERT INTO "User"("id", "email", "role") VALUES ('stranger', 'stranger@example.com', 'USER') RETURNING "id"
  ), subject AS (
    INSERT INTO sessions."Subject"("userId", "version") SELECT "id", sessions.next_version(0) FROM stranger RETURNING "id", "version"
  )
  INSERT INTO sessions."Session"("id", "digest", "subject", "stamp", "idVersion",
    "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt")
  SELECT sessions.new_handle(), sha256(n::text::bytea), subject."id", 0, subject."version",
    now(), now(), now(), now() + interval '1 hour', now() + interval '1 hour'
  FROM subject, generate_series(1, $1::int) n`;
const END_ALL = `UPDATE sessions."Session" SET "revokedAt" = now() WHERE "revokedAt" IS NULL`;

export const endedAtOnce: Fault = {
  id: 'F-47',
  title: `${ENDED} sessions are ended by one UPDATE in psql`,
  promise: 'all are refused in every process within 5 s',
  // What is written meanwhile waits for the rows that the statement holds.
  allows: { ...UNHARMED, writes: true },
  bounds: { fault: 5_000 },
  holdMs: 0,
  prepare: async (stage) => void (await stage.sql(SESSIONS, [ENDED])),
  inject: async (stage) => {
    const start = performance.now();
    await stage.sql(END_ALL);
    stage.recorder.endedByOperator(start);
  },
  heal: async () => undefined,
};
