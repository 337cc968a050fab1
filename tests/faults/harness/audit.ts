import type { Issued } from './recorder.ts';
import type { Stage } from './stage.ts';
import { type Ask, withMasters } from './stores.ts';

const AT_ONCE = 30;
/** The final count takes the latest so many of the ended and of the living. */
const MOST = 250;

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
      for (const ask of next) await ask();
    }),
  );
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
  const wrong = await withMasters(ports, (masters) => countSignedIn(ended, masters));
  return wrong === 0 ? [] : [`Redis signs in ${wrong} sessions that have ended`];
}

async function countSignedIn(ended: readonly Row[], masters: readonly Ask[]): Promise<number> {
  let count = 0;
  for (const { digest, userId } of ended) {
    const copy = await firstText(masters, `session:${digest}`);
    const user = await firstText(masters, `user:${userId}`);
    if (copy !== null && user !== null && signsIn(copy, user)) count += 1;
  }
  return count;
}

/** What the first master says that does not send us to another. */
async function firstText(masters: readonly Ask[], key: string): Promise<string | null> {
  for (const ask of masters) {
    const reply = await ask(['GET', key]).catch(() => null);
    if (typeof reply === 'string') return reply;
  }
  return null;
}

function questionsAbout(session: Issued, stage: Stage): (() => Promise<unknown>)[] {
  const places = stage.applications.flatMap((each, place) => (each.isRunning ? [place] : []));
  const plain = places.map(
    (place) => () => stage.call(place, { verb: 'validate', session, audit: true }),
  );
  const [first = 0] = places;
  return [...plain, () => stage.call(first, { verb: 'confirm', session, audit: true })];
}

function signsIn(copyText: string, userText: string): boolean {
  const copy: Record<string, unknown> = JSON.parse(copyText);
  const user: Record<string, unknown> = JSON.parse(userText);
  if (copy['tombstone'] === true || user['tombstone'] === true) return false;
  return Number(copy['expires_at']) > Date.now() && copy['user_version'] === user['version'];
}
