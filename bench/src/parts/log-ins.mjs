import { setImmediate as turn } from 'node:timers/promises';
import { hash, verify } from '@node-rs/argon2';
import { uniformOrder } from '../measure/orders.mjs';
import { sinceOf } from '../measure/rounds.mjs';
import { waitsOf } from '../measure/statistics.mjs';
import { waits } from '../measure/waits.mjs';
import { noteRow, shareRow } from '../report/rows.mjs';
import { ifNear } from './near-shares.mjs';

const LOG_INS = 4;

/** argon2id as OWASP recommends it: 19 MiB, t = 2, p = 1, which are also this library's defaults. */
const ARGON = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** How long one lookup takes while four log-ins compute their hashes on the thread pool. */
export async function measureLogIns({ opened, plan, users, say }) {
  const by = Object.fromEntries(opened.map(({ id, open }) => [id, open]));
  const order = uniformOrder(users.length);
  const cases = ['ours-near', 'limit-get', 'jose'];
  const one = async (id) => {
    await by[id].refresh?.();
    const ms = (plan.logInSeconds * 1_000) / 2;
    const before = await by[id].hits?.();
    const found = waitsOf(await waits({ call: by[id].check, order, concurrency: 1, ms }));
    if (before === undefined) return found;
    return { ...found, near: sinceOf(before, await by[id].hits()).near };
  };
  const idle = {};
  const busy = {};
  for (const id of cases) idle[id] = await one(id);
  const state = { ended: false, done: 0 };
  const password = await hash('a password', ARGON);
  const running = Array.from({ length: LOG_INS }, () => logIn(state, password));
  for (const id of cases) busy[id] = await one(id);
  state.ended = true;
  await Promise.all(running);
  say(`looked up while ${state.done} log-ins were computed`);
  return rowsOf(idle, busy);
}

async function logIn(state, password) {
  while (!state.ended) {
    await verify(password, 'a password');
    state.done++;
    await turn();
  }
}

function rowsOf(idle, busy) {
  const near = busy['ours-near'].p99;
  const share = Math.min(idle['ours-near'].near, busy['ours-near'].near);
  const micro = (id, what, value) => noteRow({ id, what, value, unit: 'µs' });
  return [
    ifNear(
      shareRow({
        id: '17a',
        what: 'Near copy p99 with 4 log-ins, against idle',
        value: near / idle['ours-near'].p99,
        most: 4,
      }),
      share,
    ),
    ifNear(
      shareRow({
        id: '17b',
        what: 'Near copy p99 with 4 log-ins, against jose',
        value: near / busy.jose.p99,
        most: 0.02,
      }),
      share,
    ),
    ...Object.entries(busy).map(([id, { p99 }]) =>
      micro(`17 ${id}`, `p99 with 4 log-ins, ${id}`, p99),
    ),
  ];
}
