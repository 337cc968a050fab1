import { type Answer, PASSWORD } from '../../../apps/web/tests/support/visitor.ts';
import { type Fault, UNHARMED } from '../harness/fault.ts';
import type { Stage } from '../harness/stage.ts';
import { steadily } from '../harness/steadily.ts';
import { WebApplication } from '../harness/web-application.ts';

const LOG_INS_PER_SECOND = 500;
const CHECKS_PER_SECOND = 100;
/** Of each of the three storms. */
const LASTS = 2_000;
const WRONG = 'not the password';
/** As docs/security.md says: of one account from one network; and what a process adds that cannot reach Redis. */
const GUESSES = { most: 10, withoutRedis: 5 };
const MOST_WAITING = 64 + 128;
/** Kept open beforehand, as by a proxy: Node accepts one new connection a turn of its event loop. */
const CONNECTIONS = 300;

const ACCOUNTS = 400;
const CLONES = `
  INSERT INTO "User"("id", "email", "role", "hashedPassword")
  SELECT 'storm-' || n, 'storm-' || n || '@example.com', 'USER', "hashedPassword"
  FROM "User", generate_series(0, $2::int - 1) n WHERE "email" = $1`;

const OUTCOMES = { 'signed-in': 200, refused: 401, throttled: 429, failed: 503 };

const webs = new WeakMap<Stage, WebApplication>();

export const logInStorm: Fault = {
  id: 'F-34',
  title: `${LOG_INS_PER_SECOND} log-ins a second reach one web application: one owner, one who guesses, many owners`,
  promise: `checks keep p99 <= 100 ms; ${GUESSES.most} guesses are looked at, the queue is bounded, the rest hear 429 or 503`,
  allows: UNHARMED,
  bounds: { p99: 100 },
  options: { processes: 1 },
  holdMs: 0,
  prepare: async (stage) => {
    const web = await WebApplication.start(stage);
    webs.set(stage, web);
    await Promise.all(Array.from({ length: CONNECTIONS }, () => web.visitor().send('/api/health')));
    const email = await web.visitor().register();
    await stage.sql(CLONES, [email, ACCOUNTS]);
    // The first calls of a process compile its code.
    await storm((turn) => logIn(web, ofCrowd(turn), PASSWORD));
  },
  load: (stage) => {
    const ending = new AbortController();
    const checks = steadily(CHECKS_PER_SECOND, ending.signal, () => checkOne(stage));
    return {
      stop: async () => {
        ending.abort();
        await checks;
      },
    };
  },
  inject: async (stage) => {
    const web = webOf(stage);
    const before = await countedLogIns(web);
    const waited = watchQueue(web);
    const owner = await storm(() => logIn(web, 0, PASSWORD));
    const guesser = await storm(() => logIn(web, 1, WRONG));
    const crowd = await storm((turn) => logIn(web, ofCrowd(turn), PASSWORD));

    expectOnly('one owner', owner, [200, 429, 503]);
    expectOnly('one who guesses', guesser, [401, 429, 503]);
    expectOnly('many owners', crowd, [200, 503]);
    expectGuesses(web, guesser.get(401) ?? 0);
    expectTrue(crowd.has(503), 'all could be hashed: that was no storm');
    const most = await waited();
    expectTrue(most <= MOST_WAITING, `${most} hashes waited`);
    expectCounted(before, await countedLogIns(web), [owner, guesser, crowd]);
  },
  heal: async (stage) => {
    const { status } = await logIn(webOf(stage), 0, PASSWORD);
    expectTrue(status === 200, `a log-in right after the storm is answered ${status}`);
  },
};

/** How often each status came. */
type Statuses = Map<number, number>;

async function storm(one: (turn: number) => Promise<Answer>): Promise<Statuses> {
  const statuses: Statuses = new Map();
  for (const { headers, status } of await steadily(
    LOG_INS_PER_SECOND,
    AbortSignal.timeout(LASTS),
    one,
  )) {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const mayAskAgain = Number(headers.get('retry-after')) > 0;
    expectTrue(mayAskAgain === [429, 503].includes(status), `${status} with a wrong Retry-After`);
  }
  return statuses;
}

/** Neither the owner nor whose password is guessed. */
function ofCrowd(turn: number): number {
  return 2 + (turn % (ACCOUNTS - 2));
}

/** Each account has an address of its own. */
function logIn(web: WebApplication, account: number, password: string): Promise<Answer> {
  const input = { email: `storm-${account}@example.com`, password };
  const ip = `198.18.${Math.floor(account / 250)}.${account % 250}`;
  return web.visitor().mutate('auth.login', input, { 'X-Forwarded-For': ip });
}

async function checkOne(stage: Stage): Promise<void> {
  const { applications, random, recorder } = stage;
  const session = random.pick(recorder.live());
  const all = [...applications, webOf(stage)];
  await recorder.run(all, applications.length, { verb: 'validate', session });
}

/** Looks at the queue from now on, until it is asked for the longest that it has seen. */
function watchQueue(web: WebApplication): () => Promise<number> {
  const ending = new AbortController();
  const looks = steadily(10, ending.signal, () => web.metric('session_password_hashes_waiting'));
  return async () => {
    ending.abort();
    return Math.max(...(await looks));
  };
}

/** What the metrics have counted so far, by the status that it was answered with. */
async function countedLogIns(web: WebApplication): Promise<Statuses> {
  const counted: Statuses = new Map();
  for (const [outcome, status] of Object.entries(OUTCOMES)) {
    const series = `session_logins_total{session_outcome="${outcome}"}`;
    counted.set(status, await web.metric(series));
  }
  return counted;
}

/** The metrics count each answer, and nothing else. */
function expectCounted(before: Statuses, after: Statuses, storms: readonly Statuses[]): void {
  for (const [status, sum] of after) {
    const counted = sum - (before.get(status) ?? 0);
    const answered = storms.reduce((all, storm) => all + (storm.get(status) ?? 0), 0);
    expectTrue(counted === answered, `${answered} answers of ${status}, counted ${counted}`);
  }
}

/** A busy machine can make Redis too late for the limits of a call; the process says so. */
function expectGuesses(web: WebApplication, looked: number): void {
  const { most, withoutRedis } = GUESSES;
  const isDegraded = web.output.includes('throttle.degraded');
  const [from, to] = isDegraded ? [1, most + withoutRedis] : [most, most];
  const isRight = looked >= from && looked <= to;
  expectTrue(isRight, `${looked} guesses were looked at, not ${from} to ${to}`);
}

function expectOnly(whose: string, statuses: Statuses, expected: readonly number[]): void {
  const told = [...statuses].map(([status, times]) => `${times} of ${status}`).join(', ');
  const isExpected = [...statuses.keys()].every((status) => expected.includes(status));
  expectTrue(isExpected, `${whose}: ${told}, not only ${expected.join(', ')}`);
}

function expectTrue(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

function webOf(stage: Stage): WebApplication {
  const web = webs.get(stage);
  if (web === undefined) throw new Error('no web application runs');
  return web;
}
