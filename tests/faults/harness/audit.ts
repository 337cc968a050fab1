import type { Outcome } from './history.ts';
import { userKeys } from './keys.ts';
import type { Issued } from './recorder.ts';
import type { Stage } from './stage.ts';
import { type Ask, withMasters } from './stores.ts';

const AT_ONCE = 30;
/** For a machine that is too busy to answer in time. */
const TRIES = 10;
/** The final count takes the latest so many of the ended and of the living. */
const MOST = 250;

/** Since when each master counts, in ms since the epoch. */
type Since = Record<string, number>;

interface Held {
  text: string;
  since: number;
}

interface Row {
  digest: string;
  lives: boolean;
  userId: string;
}

/** The final count: every process is asked about each session, one of them with `confirm`. */
export async function askEveryProcess(stage: Stage): Promise<void> {
  const { recorder } = stage;
  const sessions = [...recorder.live().slice(-MOST), ...recorder.ended().slice(-MOST)];
  const questions = sessions.flatMap((session) => questionsAbout(session, stage));
  const next = questions.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const ask of next) await untilAnswered(ask);
    }),
  );
}

/** Each time without an answer breaks A-2, as it does at any other moment. */
async function untilAnswered(ask: () => Promise<Outcome>): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if ((await ask()).kind !== 'unknown') return;
  }
}

/** What Redis and PostgreSQL say differently: a copy that signs in a session which has ended. */
export async function compareStores(stage: Stage): Promise<string[]> {
  const rows = await stage.sql<Row>(
    `SELECT sessions.digest_text(s."digest") AS digest, o."userId", u."id" IS NOT NULL AND sessions.lives(s, o) AS lives
     FROM sessions."Session" s JOIN sessions."Subject" o ON o."id" = s."subject"
     LEFT JOIN "User" u ON u."id" = o."userId" ORDER BY s."createdAt"`,
  );
  const ended = rows.slice(-MOST).filter(({ lives }) => !lives);
  const ports = await stage.fastStore.masters();
  const [named] = await stage.sql<{ since: Since }>('SELECT "since" FROM sessions."Masters"');
  const since = named?.since ?? {};
  const userKeyOf = await userKeys(stage);
  const wrong = await withMasters(ports, (masters) =>
    countSignedIn(ended, masters, since, userKeyOf),
  );
  return wrong === 0 ? [] : [`Redis signs in ${wrong} sessions that have ended`];
}

async function countSignedIn(
  ended: readonly Row[],
  masters: readonly Ask[],
  since: Since,
  userKeyOf: (userId: string) => string,
): Promise<number> {
  let count = 0;
  for (const { digest, userId } of ended) {
    const copy = await firstText(masters, `session:${digest}`, since);
    const user = await firstText(masters, userKeyOf(userId), since);
    if (copy !== null && user !== null && signsIn(copy, user)) count += 1;
  }
  return count;
}

/** What the first master says that does not send us to another, and since when it counts. */
async function firstText(masters: readonly Ask[], key: string, since: Since): Promise<Held | null> {
  for (const ask of masters) {
    const text = await ask(['GET', key]).catch(() => null);
    if (typeof text !== 'string') continue;
    return { text, since: since[await nameOf(ask)] ?? Number.POSITIVE_INFINITY };
  }
  return null;
}

/** As PostgreSQL names it. */
async function nameOf(ask: Ask): Promise<string> {
  const info = `${await ask(['INFO', 'server'])}${await ask(['INFO', 'replication'])}`;
  const [, runId] = /^run_id:(\w+)/m.exec(info) ?? [];
  const [, history] = /^master_replid:(\w+)/m.exec(info) ?? [];
  return `${runId}:${history}`;
}

function questionsAbout(session: Issued, stage: Stage): (() => Promise<Outcome>)[] {
  const places = stage.applications.flatMap((each, place) => (each.isRunning ? [place] : []));
  const plain = places.map(
    (place) => () => stage.call(place, { verb: 'validate', session, audit: true }),
  );
  const [first = 0] = places;
  return [...plain, () => stage.call(first, { verb: 'confirm', session, audit: true })];
}

/**
 * What was confirmed before a master counted is not believed. Of what is packed the second part is the instant and the
 * fourth the version of the user; that of the user's key is its first, and marks end there.
 */
function signsIn(heldOfSession: Held, heldOfUser: Held): boolean {
  const copy: Record<string, unknown> = JSON.parse(heldOfSession.text);
  const [, confirmed = '', , userVersion] = String(copy['s'] ?? '').split('.');
  const [version] = heldOfUser.text.endsWith('!') ? [] : heldOfUser.text.split('.');
  if (version === undefined || version !== userVersion) return false;
  if (Number.parseInt(confirmed, 36) < Math.max(heldOfSession.since, heldOfUser.since))
    return false;
  return Number(copy['expires_at']) > Date.now();
}
