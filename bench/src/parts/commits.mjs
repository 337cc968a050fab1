import { setTimeout as delay } from 'node:timers/promises';
import { openSessions } from '../cases/ours.mjs';
import { waitsOf } from '../measure/statistics.mjs';
import { noteRow } from '../report/rows.mjs';

const PAUSE_MS = 2;

/**
 * What nothing that is revoked for good can be quicker than: one row changed and committed; and the
 * verb. Both one after the other, with no other process at work.
 */
export async function measureCommits({ manager, plan, pool, users }) {
  await pool.query('CREATE TABLE committed (id int PRIMARY KEY, at timestamptz)');
  await pool.query('INSERT INTO committed VALUES (1, now())');
  const update = { name: 'commit', text: 'UPDATE committed SET at = now() WHERE id = 1' };
  const commits = await timed(plan.revocations, () => pool.query(update));
  await pool.query('DROP TABLE committed');

  const owners = Array.from({ length: plan.revocations }, (_, at) => users[at % users.length]);
  const sessionIds = await openSessions(manager, owners);
  const verbs = await timed(sessionIds.length, (at) => manager.deleteSession(sessionIds[at]));
  return [
    ...rowsOf('8 commit', 'One UPDATE and its commit, by themselves', commits),
    ...rowsOf('8 alone', 'deleteSession, while nobody else works', verbs),
  ];
}

async function timed(times, work) {
  const waits = [];
  for (let at = 0; at < times; at++) {
    await delay(Math.random() * PAUSE_MS);
    const began = performance.now();
    await work(at);
    waits.push(performance.now() - began);
  }
  return waitsOf(waits);
}

function rowsOf(id, what, times) {
  return ['p50', 'p99'].map((part) =>
    noteRow({ id, what: `${what}: ${part}`, value: times[part], unit: 'ms' }),
  );
}
