import { insertUsers, lookUpAll, openSessions } from '../cases/ours.mjs';
import { waitsOf } from '../measure/statistics.mjs';
import { makeUsers } from '../population.mjs';
import { countRow, timeRow } from '../report/rows.mjs';
import { askToRevokeAll, isAccepted, untilRefused } from './watching.mjs';

const SESSIONS = 5;

/**
 * Another process ends all sessions of a user, each of them near in this one: how long until the last
 * is refused here, from the other's call, and whether either process accepts one afterwards.
 */
export async function measureRevokingAll({ child, manager, plan, pool, users }) {
  // Users of its own: those of the cases must stay signed in.
  const own = makeUsers(users.length + plan.revokeAlls).slice(users.length);
  await insertUsers(pool, own);
  const waits = [];
  const sums = { unanswered: 0, later: 0 };
  for (const user of own) {
    const sessionIds = await openSessions(manager, Array(SESSIONS).fill(user));
    await lookUpAll(manager, sessionIds);
    await lookUpAll(manager, sessionIds);
    const reply = askToRevokeAll(child, user.id, sessionIds);
    const refusals = await Promise.all(sessionIds.map((each) => untilRefused(manager, each)));
    const { began, accepted, error } = await reply;
    if (error !== null || refusals.includes(null)) sums.unanswered++;
    else waits.push(Math.max(...refusals) - began);
    sums.later += accepted;
    for (const sessionId of sessionIds) if (await isAccepted(manager, sessionId)) sums.later++;
  }
  return rowsOf(waits, sums, plan.revokeAlls);
}

function rowsOf(waits, { unanswered, later }, times) {
  const what = 'All of a user revoked elsewhere';
  const { p50, p99, max } = waitsOf(waits);
  const time = (part, value, most) =>
    timeRow({ id: `13 ${part}`, what: `${what}: last refused, ${part}`, value, most });
  return [
    countRow({
      id: '13 lost',
      what: `${what}: failed or never refused, of ${times}`,
      value: unanswered,
      most: 0,
    }),
    countRow({
      id: '13 again',
      what: `${what}: accepted later, both processes`,
      value: later,
      most: 0,
    }),
    time('p50', p50, 1),
    time('p99', p99, 5),
    time('max', max, 25),
  ];
}
