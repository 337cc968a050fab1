import { type Fault, UNHARMED } from '../harness/fault.ts';
import { BOUNDS } from '../harness/history.ts';
import { areListening } from '../harness/propagation.ts';
import type { Stage } from '../harness/stage.ts';
import { waitFor } from '../harness/stores.ts';
import { again } from './pace.ts';
import { endSome } from './redis.ts';

const TITLE = 'PostgreSQL is reached through PgBouncer in transaction mode';
const PROMISE = 'what is typed into psql shows in every process within 1 s';

/** The processes ask for changes; statements have no names, as before PgBouncer 1.21. */
export const poolerAlone: Fault = {
  ...changesTravel('none'),
  id: 'PgBouncer alone',
  title: `${TITLE}, and no other way`,
  options: { pooler: { direct: false, namedStatements: false } },
};

/** The processes are told of changes past it. */
export const poolerPassed: Fault = {
  ...changesTravel('all'),
  id: 'PgBouncer passed',
  title: `${TITLE}, changes are heard past it`,
  options: { pooler: { direct: true } },
};

/** Nothing is broken, so there is no more time than in health. */
function changesTravel(listening: 'all' | 'none') {
  return {
    promise: PROMISE,
    allows: UNHARMED,
    bounds: { fault: BOUNDS.health },
    holdMs: 1_500,
    inject: async (stage: Stage) => {
      await waitFor(async () => (await areListening(stage)) === listening);
      await endSome(stage);
      await again(10, async () => {
        const session = stage.random.pick(stage.recorder.live());
        if (session !== undefined) await stage.revoke(session);
      });
    },
    heal: async (stage: Stage) => {
      if ((await areListening(stage)) !== listening) throw new Error('changes came another way');
    },
  };
}
