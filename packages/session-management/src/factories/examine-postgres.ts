import { PostgresDiagnosis } from '../adapters/postgres-diagnosis.ts';
import { pendingMigrations, rightsOfStrangers } from '../migrations/apply-migrations.ts';
import type { ClockReading } from '../policy/clocks-apart.ts';
import { bad, type Check, good, judgePostgres } from '../policy/diagnosis.ts';
import { hasCode, isSessionError } from '../types/index.ts';
import { leaseDatabase } from '../utils/prisma-singleton.ts';
import { placeOfUrl, wordsOf } from './fault-words.ts';
import { readClock } from './read-clock.ts';

/** What was found at one store, and its clock where it answered. */
export interface StoreExam {
  checks: Check[];
  clocks: ClockReading[];
}

/** Longest wait for a connection and a statement, in milliseconds. */
const PATIENCE = 5_000;

/** Rights of strangers that one line names. */
const MOST_SHOWN = 3;

export async function examinePostgres(databaseUrl: string): Promise<StoreExam> {
  const plan = { databaseUrl, maxConnections: 1, connectionTimeout: PATIENCE };
  const database = leaseDatabase(plan);
  const diagnosis = new PostgresDiagnosis(database.value.statements(PATIENCE));
  const place = placeOfUrl(databaseUrl);
  try {
    const facts = await diagnosis.facts();
    const clock = await readClock('PostgreSQL', () => diagnosis.now());
    const answers = good('postgres', `${place} answers`);
    return { checks: [answers, ...judgePostgres(facts)], clocks: [clock] };
  } catch (error) {
    if (!hasCode(error, 'STORE_UNAVAILABLE')) throw error;
    const found = `${place} does not answer: ${wordsOf(error)}`;
    return { checks: [bad('postgres', found, 'start it, or correct DATABASE_URL')], clocks: [] };
  } finally {
    await database.release();
  }
}

/** @param directUrl - PostgreSQL past a pooler. */
export async function examineMigrations(directUrl: string): Promise<Check> {
  const name = 'migrations';
  try {
    const pending = await pendingMigrations({ databaseUrl: directUrl });
    if (pending.length === 0) return good(name, 'all are applied');
    return bad(name, `pending: ${pending.join(', ')}`, 'session-management migrate');
  } catch (error) {
    if (!isSessionError(error)) throw error;
    // Without a cause it is about the files and their history, and says what to do.
    if (error.code === 'MIGRATION_FAILED' && error.cause === undefined) {
      const [found = '', mend = 'read what it says'] =
        error.message.split(/\.? (?:Expected: .*)?Do: /s);
      return bad(name, found, mend);
    }
    const found = `${placeOfUrl(directUrl)} does not say: ${wordsOf(error)}`;
    return bad(name, found, 'correct DATABASE_DIRECT_URL');
  }
}

/** Whether the sessions are open to roles that nobody has named; PostgreSQL tells everybody who may do what. */
export async function examineRights(directUrl: string): Promise<Check[]> {
  const name = 'postgres strangers';
  try {
    const rights = await rightsOfStrangers({ databaseUrl: directUrl });
    if (rights.length === 0)
      return [good(name, 'nobody but the owner and the roles that were named')];
    const shown = rights.slice(0, MOST_SHOWN).join('; ');
    const more = rights.length > MOST_SHOWN ? `; ${rights.length - MOST_SHOWN} more` : '';
    return [
      bad(
        name,
        `${shown}${more}`,
        'session-management migrate, with --grant-to for those that may',
      ),
    ];
  } catch (error) {
    // What keeps it from answering is told of by the migrations.
    if (isSessionError(error)) return [];
    throw error;
  }
}
