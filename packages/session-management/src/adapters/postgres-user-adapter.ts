import { normalizeEmail } from '@repo/exchange-core';
import { DEFAULT_REALM } from '../policy/limits.ts';
import { digestOf, isPresentable } from '../policy/session-id.ts';
import { planNewUser, planUserUpdate } from '../policy/user-update.ts';
import {
  type ChangeUserOptions,
  type CreateUserData,
  EmailTakenError,
  type LiveSession,
  ProofOutdatedError,
  type Rotated,
  SessionStoreUnavailableError,
  type SqlRunner,
  type User,
  type UserChange,
  type UserRecords,
  type UserSnapshot,
} from '../types/index.ts';
import type { PersonRow, SessionRow, UserRow, WholeNumber } from './postgres-columns.ts';
import {
  fromPrimary,
  liveSessionOf,
  READ,
  safeUserOf,
  userCopyOf,
  wholeNumber,
} from './postgres-rows.ts';
import {
  ask,
  handleOf,
  isStorable,
  isUniqueViolation,
  type PrismaQueries,
  prismaRunner,
  type Statement,
} from './postgres-sql.ts';
import * as statements from './postgres-user-statements.ts';

type SecretRow = PersonRow & { hash: string | null };
type SessionAnswer = SessionRow & { standby: boolean };
type SnapshotRow = UserRow & { standby: boolean; gone: WholeNumber | null };
type ChangedRow = UserRow & {
  outdated: boolean;
  named: string[];
  raised: number | null;
  cut: string | null;
};

/**
 * The table `"User"`, and what sessions know of its users.
 *
 * @param prisma - Any generated client on the migrated database.
 * @param sql - Runs the statements instead of the client, on a pool that keeps their plans.
 */
export class PostgreSQLUserAdapter implements UserRecords {
  readonly #sql: SqlRunner;

  constructor(prisma: PrismaQueries, sql: SqlRunner = prismaRunner(prisma)) {
    this.#sql = sql;
  }

  /** Carries `hashedPassword`. The address may be in any case. */
  async findByEmail(email: string): Promise<User | null> {
    if (!isStorable(email)) return null;
    return this.#find(statements.BY_EMAIL, normalizeEmail(email));
  }

  /** Carries `hashedPassword`. */
  async findById(id: string): Promise<User | null> {
    return isStorable(id) ? this.#find(statements.BY_ID, id) : null;
  }

  /** The user of a live session of realm `web`. The column `sessionId` is never read. */
  async findBySessionId(sessionId: string): Promise<User | null> {
    if (!isPresentable(sessionId)) return null;
    const rows = await this.#ask<SessionAnswer>(READ, [[digestOf(sessionId)]]);
    const [row] = fromPrimary(READ.name, rows);
    return row?.state === 'live' && row.realm === DEFAULT_REALM ? safeUserOf(row) : null;
  }

  /** @throws {EmailTakenError} @throws {TypeError} for a value that its column does not take. */
  async create(userData: CreateUserData): Promise<User> {
    const { inbox, set } = planNewUser(userData);
    const { email, hashedPassword, isVerified, lastLoginAt, role } = set;
    const values = [email, hashedPassword, isVerified, role, statements.isoOf(lastLoginAt), inbox];
    const [row] = await orEmailTaken(this.#ask<PersonRow>(statements.CREATE, values));
    if (row === undefined)
      throw new SessionStoreUnavailableError('postgres', statements.CREATE.name);
    return safeUserOf(row);
  }

  async update(id: string, data: Partial<User>): Promise<User | null> {
    return (await this.change(id, data))?.user ?? null;
  }

  /** @throws {EmailTakenError} @throws {TypeError} for a value that its column does not take. */
  async change(
    id: string,
    data: Partial<User>,
    { keepHandle, next, provedBy }: ChangeUserOptions = {},
  ): Promise<UserChange | null> {
    const plan = planUserUpdate(data);
    if (!isStorable(id)) return null;

    const keep = handleOf(keepHandle);
    const to = [next?.digest ?? null, next?.realm ?? null];
    const values = [id, statements.columnsOf(plan), keep, ...to, provedBy ?? null];
    const [row] = await orEmailTaken(this.#ask<ChangedRow>(statements.CHANGE, values));
    if (row === undefined) return null;
    if (row.outdated) throw new ProofOutdatedError();

    const kept = row.raised === null || keep === null ? [] : await this.#kept(id, keep);
    return {
      user: safeUserOf(row),
      copy: userCopyOf(row),
      endedDigests: plan.clearSessionId ? row.named : [],
      endedAll: row.raised,
      kept,
      rotated: rotatedTo(next?.digest, kept, row.cut),
    };
  }

  async rehashPassword(id: string, from: string, to: string): Promise<boolean> {
    if (!isStorable(to)) throw new TypeError('hashedPassword must be a string without NUL');
    if (!isStorable(id) || !isStorable(from)) return false;
    const rows = await this.#ask<{ rehashed: boolean }>(statements.REHASH, [id, from, to]);
    return rows[0]?.rehashed === true;
  }

  async snapshot(id: string): Promise<UserSnapshot> {
    // What PostgreSQL cannot hold never was a user, so no copy has a version.
    if (!isStorable(id)) return { copy: null, version: 0 };
    const rows = await this.#ask<SnapshotRow>(statements.SNAPSHOT, [id]);
    const [row] = fromPrimary(statements.SNAPSHOT.name, rows);
    if (row === undefined)
      throw new SessionStoreUnavailableError('postgres', statements.SNAPSHOT.name);
    return row.gone === null
      ? { copy: userCopyOf(row) }
      : { copy: null, version: wholeNumber(row.gone) };
  }

  async page(after: string | null, limit: number): Promise<User[]> {
    if (after !== null && !isStorable(after)) return [];
    return (await this.#ask<PersonRow>(statements.PAGE, [after ?? '', limit])).map(safeUserOf);
  }

  async count(): Promise<number> {
    return (await this.#ask<{ users: number }>(statements.COUNT, []))[0]?.users ?? 0;
  }

  async #find(statement: Statement, value: string): Promise<User | null> {
    const [row] = await this.#ask<SecretRow>(statement, [value]);
    return row === undefined ? null : { ...safeUserOf(row), hashedPassword: row.hash };
  }

  async #kept(userId: string, handle: string): Promise<LiveSession[]> {
    const rows = await this.#ask<SessionAnswer>(statements.KEPT, [userId, handle]);
    return fromPrimary(statements.KEPT.name, rows).map(liveSessionOf);
  }

  #ask<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return ask<Row>(this.#sql, statement, values);
  }
}

/** The kept session, if it goes on under this digest. */
function rotatedTo(
  digest: string | undefined,
  kept: readonly LiveSession[],
  cut: string | null,
): Rotated | null {
  const live = kept.find(({ session }) => session.digest === digest);
  const before = kept.find(({ session }) => session.inGrace)?.session;
  if (live === undefined || before === undefined) return null;
  return { state: 'rotated', live, before, ended: cut === null ? [] : [cut] };
}

/** The only unique column that a user's own data can meet is the address. */
async function orEmailTaken<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (isUniqueViolation(error)) throw new EmailTakenError();
    throw error;
  }
}
