import { readdirSync, readFileSync } from 'node:fs';

/** What /proc counts in: USER_HZ, 100 per second on every Linux that Node runs on. */
const TICK_US = 10_000;

/** CPU time used so far, in microseconds: this process, Redis, and all of PostgreSQL's processes. */
export function cpuNow({ redisPid, postgresPid }) {
  const { user, system } = process.cpuUsage();
  const stores = storesCpu([redisPid], postgresPid);
  return { own: user + system, stores };
}

/** `null` where there is no /proc. */
function storesCpu(pids, parent) {
  try {
    let ticks = 0;
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const [parentPid, used] = statOf(name);
      if (pids.includes(Number(name)) || Number(name) === parent || parentPid === parent)
        ticks += used;
    }
    return ticks * TICK_US;
  } catch {
    return null;
  }
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [Number(fields[1]), Number(fields[11]) + Number(fields[12])];
  } catch {
    // It ended between the listing and the reading.
    return [0, 0];
  }
}
