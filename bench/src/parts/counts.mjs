import { countWire, total } from '../measure/wire.mjs';
import { countRow } from '../report/rows.mjs';

const CALLS = 200;

/** What one call says to the stores, for each case: read from the bytes that leave this process. */
export async function measureCounts({ opened, stores, users }) {
  const counts = {};
  for (const { id, open } of opened) {
    await open.refresh?.();
    counts[id] = await perCall(stores, (at) => open.check(at % users.length));
  }
  const ours = opened.find(({ id }) => id === 'ours-miss').open;
  const create = await perCall(stores, (at) => ours.create(at % users.length));
  return { counts, create };
}

async function perCall({ ports }, call) {
  const seen = await countWire(ports, async (inside) => {
    for (let at = 0; at < CALLS; at++) await inside(() => call(at));
  });
  return {
    commands: total(seen.commands) / CALLS,
    statements: total(seen.statements) / CALLS,
    trips: (seen.trips.redis + seen.trips.postgres) / CALLS,
    redisTrips: seen.trips.redis / CALLS,
    postgresTrips: seen.trips.postgres / CALLS,
    jobs: total(seen.jobs) / CALLS,
    names: [...seen.commands.keys(), ...seen.statements.keys(), ...seen.jobs.keys()],
  };
}

/** The lines of the targets 1, 5 and 12 that are counts. */
export function countRows({ counts, create }) {
  const near = counts['ours-near'];
  const miss = counts['ours-miss'];
  const count = (id, what, value, most) => countRow({ id, what, value, most });
  return [
    count('1a', 'Near copy: Redis commands per lookup', near.commands, 0),
    count('1b', 'Near copy: SQL statements per lookup', near.statements, 0),
    count('1c', 'Near copy: jobs of the thread pool per lookup', near.jobs, 0),
    count('5a', 'Fast copy: writes to Redis per lookup', miss.redisTrips, 1),
    count('5b', 'Fast copy: SQL statements per lookup', miss.statements, 0),
    count('12a', 'createSession: round trips to PostgreSQL', create.postgresTrips, 1),
    count('12b', 'createSession: writes to Redis', create.redisTrips, 1),
  ];
}
