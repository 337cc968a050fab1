import type { Application } from './application.ts';
import type { Stage } from './stage.ts';
import { waitFor } from './stores.ts';

/** Whether every process believes the fast store, by what they say themselves. */
export async function areTrusting({ applications }: Stage): Promise<boolean> {
  return (await Promise.all(applications.map(isTrusting))).every(Boolean);
}

/** The same of one. */
export async function isTrusting(application: Application): Promise<boolean> {
  const { outcome } = await application.call('propagation');
  return JSON.stringify(outcome).includes('"trusted":true');
}

/** The place of the process that carries what others have left; `null` where none does. */
export async function carrierOf(stage: Stage): Promise<number | null> {
  const [lease] = await stage.sql<{ owner: string }>(
    `SELECT "owner" FROM sessions."Lease" WHERE "until" > clock_timestamp()`,
  );
  const pid = Number(lease?.owner.split(':').at(-2));
  const place = stage.applications.findIndex((each) => each.pid === pid);
  return place < 0 ? null : place;
}

/** The same once there is one: who is late gives it up. */
export async function presentCarrier(stage: Stage): Promise<number> {
  let carrier: number | null = null;
  await waitFor(async () => {
    carrier = await carrierOf(stage);
    return carrier !== null;
  });
  return carrier ?? 0;
}

/** How many changes wait to be carried. */
export async function waiting(stage: Stage): Promise<number> {
  const [row] = await stage.sql<{ rows: number }>(
    'SELECT count(*)::int AS rows FROM sessions."Outbox"',
  );
  return row?.rows ?? 0;
}
