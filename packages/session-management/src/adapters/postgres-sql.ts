import { SessionStoreUnavailableError, type SqlRunner } from '../types/index.ts';

/** A statement and the name under which a driver keeps its plan. */
export interface Statement {
  name: string;
  text: string;
}

/** The one method of a Prisma client that we need; every generated client has it. */
export interface PrismaQueries {
  $queryRawUnsafe<Answer = unknown>(query: string, ...values: unknown[]): Promise<Answer>;
}

/** Runs statements through a Prisma client, which keeps no plans: for a client that came without its pool. */
export function prismaRunner(prisma: PrismaQueries): SqlRunner {
  return {
    query: <Row extends object>(_name: string, text: string, values: readonly unknown[]) =>
      prisma.$queryRawUnsafe<Row[]>(text, ...values),
  };
}

/** Asks PostgreSQL. @throws {SessionStoreUnavailableError} for whatever kept it from answering. */
export async function ask<Row extends object>(
  sql: SqlRunner,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  try {
    return await sql.query<Row>(statement.name, statement.text, values);
  } catch (cause) {
    throw new SessionStoreUnavailableError('postgres', statement.name, cause);
  }
}

const UNIQUE_VIOLATION = '23505';

/** Whether a unique index refused a statement, as `pg` or a Prisma client says it. */
export function isUniqueViolation(error: unknown): boolean {
  for (const link of chainOf(error)) {
    if (link['code'] === UNIQUE_VIOLATION || link['originalCode'] === UNIQUE_VIOLATION) return true;
    if (link['code'] === 'P2002') return true;
  }
  return false;
}

/** SQLSTATE classes of a statement that was well understood and refused: a value that it cannot take, a constraint. */
const REFUSED = /^2[23]/;

/** Whether PostgreSQL understood the statement and refused what it was given. */
export function isRefusal(error: unknown): boolean {
  return codesOf(error).some((code) => REFUSED.test(code));
}

const INSUFFICIENT_PRIVILEGE = '42501';

/** Whether our role may not ask that. */
export function isForbidden(error: unknown): boolean {
  return codesOf(error).includes(INSUFFICIENT_PRIVILEGE);
}

function codesOf(error: unknown): string[] {
  return [...chainOf(error)].map(({ code, originalCode }) => String(code ?? originalCode ?? ''));
}

/** The error and what it says was under it, outermost first. */
function* chainOf(error: unknown): Generator<Record<string, unknown>> {
  const links = [error];
  for (let link = links.pop(); link !== undefined; link = links.pop()) {
    if (!isRecord(link)) continue;
    yield link;
    const { cause, driverAdapterError, meta } = link;
    links.push(...[cause, driverAdapterError, meta].filter(isRecord));
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A handle as its column takes it; what cannot be one names no session. */
export function handleOf(text: unknown): string | null {
  return typeof text === 'string' && UUID.test(text) ? text : null;
}

/** Whether PostgreSQL can hold this text. What it cannot hold names nobody there. */
export function isStorable(text: unknown): text is string {
  return typeof text === 'string' && !text.includes('\0');
}
