import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { loadInBulk } from '../bulk.mjs';
import { countRow, noteRow, shareRow } from '../report/rows.mjs';

const CHILD = fileURLToPath(new URL('./churn-child.mjs', import.meta.url));
const MOST_GROWN = 1.1;
/** Those of the pool's ten connections and of what runs by itself. */
const MOST_TIMERS = 50;
const MOST_SOCKETS = 10;
const MIB = 2 ** 20;

/**
 * One process looks up, logs in and logs out for long: whether anything in it grows. It looks at itself
 * at the start, when its near copies are full, and after each quarter.
 */
export async function measureChurn({ plan, stores, say }) {
  const { sessions } = plan.churn;
  const urls = await loadInBulk(stores, sessions);
  say(`loaded ${sessions} sessions`);
  const child = fork(CHILD, { execArgv: ['--expose-gc'] });
  child.on('message', ({ said }) => said !== undefined && say(said));
  child.send({ urls, plan: plan.churn });
  const answer = await answerOf(child);
  if (answer.error !== undefined) throw new Error(answer.error);
  return rowsOf(answer, plan.churn);
}

async function answerOf(child) {
  for (;;) {
    const [message] = await once(child, 'message');
    if (message.said === undefined) return message;
  }
}

function rowsOf({ looks, done }, { lookups, sessions }) {
  const [full, ...quarters] = looks;
  const heap = looks.map((look) => (look.heap / MIB).toFixed(1)).join(' → ');
  const count = (id, what, value) => countRow({ id: `18 ${id}`, what, value, most: 0 });
  const grownRow = (part, what, most) => {
    const value = Math.max(0, ...quarters.map((look) => look[part] - full[part]));
    return countRow({ id: `18 ${part}`, what, value, most });
  };
  return [
    shareRow({
      id: '18 heap',
      what: 'Churn: largest heap after GC against that with full near copies',
      value: Math.max(...quarters.map((look) => look.heap)) / full.heap,
      most: MOST_GROWN,
      spread: `${heap} MiB`,
    }),
    grownRow('timers', 'Churn: timers more than at the start', MOST_TIMERS),
    grownRow('sockets', 'Churn: sockets more than at the start', MOST_SOCKETS),
    grownRow('listeners', 'Churn: listeners of the process more', 0),
    count('leaks', 'Churn: emitters that warned of a leak', looks.at(-1).leaks),
    count('wrong', 'Churn: live sessions refused, ended ones accepted', done.wrong),
    count('short', 'Churn: lookups left when the time was over', lookups - done.lookups),
    noteRow({
      id: '18',
      what: `Churn: lookups over ${sessions} sessions, Zipf`,
      value: done.lookups,
    }),
    noteRow({
      id: '18 503',
      what: 'Churn: calls that no store could answer',
      value: done.unanswered,
    }),
    noteRow({ id: '18 in', what: 'Churn: log-ins, and as many log-outs', value: done.logIns }),
    noteRow({ id: '18 s', what: 'Churn: took', value: done.seconds, unit: 's' }),
  ];
}
