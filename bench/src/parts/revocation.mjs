import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { lookUpAll, openSessions } from '../cases/ours.mjs';
import { waitsOf } from '../measure/statistics.mjs';
import { countRow, noteRow, timeRow } from '../report/rows.mjs';
import { measureCommits } from './commits.mjs';
import { measureCuts } from './cuts.mjs';
import { measureRaces } from './races.mjs';
import { measureRevokingAll } from './revoking-all.mjs';
import { answerRevokes, watch } from './watching.mjs';

const SECOND = fileURLToPath(new URL('./second-process.mjs', import.meta.url));
const LOADS = { idle: 'idle', cpu: 'computing', redis: 'saturated by Redis reads' };

/** A second process of the application revokes what this one has near, and the other way round. */
export async function measureRevocation({ opened, plan, stores, users, say }) {
  const by = Object.fromEntries(opened.map(({ id, open }) => [id, open]));
  const { manager, urls, sessionIds: others, pool, redis } = by['ours-near'];
  const misses = by['ours-miss'].manager;
  const child = await startSecond(urls, plan);
  answerRevokes(child, manager);
  const rows = [];
  try {
    for (const load of Object.keys(LOADS)) {
      const here = await openSome(manager, users, plan.revocations);
      const there = await openSome(manager, users, plan.revocations);
      const own = await watch({ channel: child, manager, misses, sessionIds: here, others, load });
      child.send({ type: 'watch', sessionIds: there, others, load });
      const theirs = await answerOf(child, 'watched');
      rows.push(...rowsOf(load, [own, theirs.result]));
      say(`revoked ${plan.revocations} sessions each way, ${LOADS[load]}`);
    }
    rows.push(...(await measureCommits({ manager, plan, pool, users })));
    const misses64 = { misses, sessionIds: others };
    const context = { child, manager, plan, stores, urls, users, pool, redis, misses64, say };
    rows.push(...(await measureRevokingAll(context)));
    say(`ended all sessions of ${plan.revokeAlls} users`);
    rows.push(...(await measureRaces(context)));
    say('raced reads against revocations');
    rows.push(...(await measureCuts(context)));
    say('cut the channel of invalidations');
  } finally {
    child.send({ type: 'end' });
    await once(child, 'exit');
  }
  return rows;
}

export async function openSome(manager, users, count) {
  const owners = Array.from({ length: count }, (_, index) => users[index % users.length]);
  const sessionIds = await openSessions(manager, owners);
  await lookUpAll(manager, []);
  return sessionIds;
}

async function startSecond(urls, plan) {
  const settings = JSON.stringify({ urls, nearCopies: plan.users * 4 });
  const child = fork(SECOND, [settings]);
  await answerOf(child, 'ready');
  return child;
}

async function answerOf(child, type) {
  for (;;) {
    const [message] = await once(child, 'message');
    if (message.type === type) return message;
  }
}

function rowsOf(load, results) {
  const { p50, p99, max } = waitsOf(results.flatMap(({ waits }) => waits));
  const answers = waitsOf(results.flatMap((each) => each.answers));
  const sum = (part) => results.reduce((whole, each) => whole + each[part], 0);
  const name = LOADS[load];
  const strict = load !== 'redis';
  const time = (part, value, most) =>
    timeRow({ id: `8 ${load} ${part}`, what: `Revoked elsewhere, ${name}: ${part}`, value, most });
  return [
    countRow({
      id: `8 ${load} lost`,
      what: `Revoked elsewhere, ${name}: never refused`,
      value: sum('lost'),
      most: 0,
    }),
    countRow({
      id: `8 ${load} again`,
      what: `Revoked elsewhere, ${name}: accepted later`,
      value: sum('again'),
      most: 0,
    }),
    time('p50', p50, strict ? 1 : null),
    time('p99', p99, strict ? 5 : 25),
    time('max', max, strict ? 25 : null),
    ...['p50', 'p99'].map((part) =>
      noteRow({
        id: `8 ${load} ack`,
        what: `The revoking process had its answer, ${name}: ${part}`,
        value: answers[part],
        unit: 'ms',
      }),
    ),
    noteRow({
      id: `8 ${load} slow`,
      what: `A store was slow or gone for the revoking process, ${name}`,
      value: sum('warned'),
    }),
    noteRow({
      id: `8 ${load} n`,
      what: `Revoked elsewhere, ${name}: sessions`,
      value: results.reduce((n, { waits }) => n + waits.length, 0),
    }),
  ];
}
