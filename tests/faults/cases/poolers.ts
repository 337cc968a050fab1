import { type Fault, UNHARMED } from '../harness/fault.ts';
import { BOUNDS } from '../harness/history.ts';
import type { Stage } from '../harness/stage.ts';
import { again } from './pace.ts';
import { endSome } from './redis.ts';

const TITLE = 'PostgreSQL is reached through PgBouncer in transaction mode';
const PROMISE = 'what is typed into psql shows in every process within 1 s';

/** Statements have no names, as before PgBouncer 1.21. */
export const poolerForgets: Fault = {
  ...changesTravel(),
  id: 'PgBouncer forgets',
  title: `${TITLE} that loses prepared statements`,
  options: { pooler: { namedStatements: false } },
};

export const poolerKeeps: Fault = {
  ...changesTravel(),
  id: 'PgBouncer keeps',
  title: `${TITLE} that keeps prepared statements`,
  options: { pooler: {} },
};

/** Nothing is broken, so there is no more time than in health. */
function changesTravel() {
  return {
    promise: PROMISE,
    allows: UNHARMED,
    bounds: { fault: BOUNDS.health },
    holdMs: 1_500,
    inject: async (stage: Stage) => {
      await endSome(stage);
      await again(10, async () => {
        const session = stage.random.pick(stage.recorder.live());
        if (session !== undefined) await stage.revoke(session);
      });
    },
    heal: async () => undefined,
  };
}
