import { type Fault, UNHARMED } from '../harness/fault.ts';
import type { Stage } from '../harness/stage.ts';

const TRIES = 300;
/** Half of the shared limit, as docs/security.md says: of one account from one network, in one process. */
const LOCAL_CEILING = 5;
const ROUNDS = 5;

export const limiterDown: Fault = {
  id: 'F-35',
  title: `Redis is killed, and each process is flooded with ${TRIES * ROUNDS} wrong passwords`,
  promise: `of each ${TRIES} on one account a process looks at ${LOCAL_CEILING}, and at every right one`,
  allows: UNHARMED,
  holdMs: 1_000,
  inject: async (stage) => {
    await stage.redis.kill();
    for (let round = 0; round < ROUNDS; round += 1) {
      const places = stage.applications.map((_application, place) => place);
      await Promise.all(places.map((place) => flood(stage, place, round)));
    }
  },
  heal: (stage) => stage.redis.start(),
};

/** Guesses on one account while the owner of another signs in. */
async function flood(stage: Stage, place: number, round: number): Promise<void> {
  const application = stage.process(place);
  const victim = { account: `victim-${round}@example.com`, ip: `192.0.2.${round}`, tries: TRIES };
  const owner = { account: `owner-${place}-${round}@example.com`, ip: '198.51.100.1' };
  const [guessed, signedIn] = await Promise.all([
    application.call('guess', victim),
    application.call('logIn', owner),
  ]);
  expectValue(`process ${place} looked at wrong passwords`, guessed.outcome, LOCAL_CEILING);
  expectValue(`process ${place} looked at the right one`, signedIn.outcome, true);
}

function expectValue(what: string, outcome: object, expected: unknown): void {
  const got = 'value' in outcome ? outcome.value : outcome;
  if (got === expected) return;
  throw new Error(`${what}: ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`);
}
