import { generateSessionId, getPrismaClient } from '@repo/session-management';
import { forEachOf } from '../measure/waits.mjs';
import { TTL_SECONDS } from '../population.mjs';
import { openIoredis, openPool } from '../stores.mjs';
import {
  COLUMNS,
  createSession,
  documentSession,
  findBySessionId,
  seedDatabase,
} from './seed-parts.mjs';

const SELECTED = Object.fromEntries(
  COLUMNS.replaceAll('"', '')
    .split(', ')
    .map((name) => [name, true]),
);

export const seedPrisma = {
  id: 'seed-prisma',
  what: "The document's design, Prisma",
  settings: 'ioredis GET + JSON.parse, then Prisma findUnique of the user (adapter-pg, pool of 10)',
  open: (context) => openSeed(context, byPrisma),
};

export const seedPg = {
  id: 'seed-pg',
  what: "The document's design, raw pg",
  settings: 'ioredis GET + JSON.parse, then a prepared SELECT of the user (pg, pool of 10)',
  open: (context) => openSeed(context, byPg),
};

async function openSeed({ stores, users: population }, usersOf) {
  const sessionIds = population.map(() => generateSessionId());
  const redis = openIoredis(stores.newRedis());
  const users = usersOf(await seedDatabase(stores, population, sessionIds));
  const fill = () =>
    forEachOf(population, 64, ({ id }, at) =>
      redis.set(
        `session:${sessionIds[at]}`,
        JSON.stringify(documentSession(id, TTL_SECONDS)),
        'EX',
        TTL_SECONDS,
      ),
    );
  await fill();
  const find = findBySessionId(redis, users);
  const open = createSession(redis, users, generateSessionId);
  return {
    check: (index) => find(sessionIds[index]),
    who: ({ email }) => email,
    forged: async (sessionId) => (await find(sessionId)) === null,
    create: (index) => open(population[index].id),
    flush: () => redis.flushdb(),
    close: async () => {
      redis.disconnect();
      await users.close();
    },
  };
}

function byPrisma(databaseUrl) {
  const prisma = getPrismaClient({ databaseUrl, maxConnections: 10, connectionTimeout: 10_000 });
  return {
    findById: (id) => prisma.user.findUnique({ where: { id }, select: SELECTED }),
    findBySessionId: (sessionId) =>
      prisma.user.findFirst({ where: { sessionId }, select: SELECTED }),
    update: (id, sessionId) =>
      prisma.user.update({
        where: { id },
        data: { sessionId, lastLoginAt: new Date() },
        select: SELECTED,
      }),
    close: () => prisma.$disconnect(),
  };
}

function byPg(databaseUrl) {
  const pool = openPool(databaseUrl);
  const one = async (name, text, values) =>
    (await pool.query({ name, text, values })).rows[0] ?? null;
  return {
    findById: (id) => one('by-id', `SELECT ${COLUMNS} FROM "User" WHERE "id" = $1`, [id]),
    findBySessionId: (sessionId) =>
      one('by-session', `SELECT ${COLUMNS} FROM "User" WHERE "sessionId" = $1 LIMIT 1`, [
        sessionId,
      ]),
    update: (id, sessionId) =>
      one(
        'update',
        `UPDATE "User" SET "sessionId" = $2, "lastLoginAt" = now() WHERE "id" = $1 RETURNING ${COLUMNS}`,
        [id, sessionId],
      ),
    close: () => pool.end(),
  };
}
