import { type Fault, NOTHING } from '../harness/fault.ts';

const ASKED_FOR = 24;

/** Who is asked keeps such an end; so does Redis, where it is back before that process is gone. */
export const unansweredEnds: Fault = {
  id: 'F-20 ends',
  title: 'both stores are killed, and sessions are to end meanwhile',
  promise: 'an end without an answer comes out one way in every process within 5 s',
  allows: NOTHING,
  holdMs: 2_000,
  inject: async (stage) => {
    const { applications, postgres, recorder, redis } = stage;
    await Promise.all([postgres.kill(), redis.kill()]);
    const sessions = recorder.live().slice(0, ASKED_FOR);
    await Promise.all(
      sessions.map((session, turn) =>
        stage.call(turn % applications.length, { verb: 'delete', session }),
      ),
    );
  },
  heal: async ({ postgres, redis }) => void (await Promise.all([postgres.start(), redis.start()])),
};
