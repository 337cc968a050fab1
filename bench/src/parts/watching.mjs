import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { warnings } from '../cases/ours.mjs';
import { startLoad } from './loads.mjs';

const LOST_AFTER_MS = 5_000;
const LOOKS_AFTERWARDS = 5;
const PAUSE_MS = 2;

/** CLOCK_MONOTONIC, which all processes of a Linux machine share, in milliseconds. */
export function monotonicMs() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Revokes what the other process names, one session or all of a user, and tells when it began, when
 * it had the answer, and how many of them this process itself accepts afterwards.
 */
export function answerRevokes(channel, manager) {
  channel.on('message', async ({ type, sessionId, userId, sessionIds = [], pause }) => {
    if (type !== 'revoke') return;
    if (pause) await delay(Math.random() * PAUSE_MS);
    const began = monotonicMs();
    const error = await revoke(manager, { sessionId, userId });
    const answered = monotonicMs();
    let accepted = 0;
    for (const each of sessionIds) if (await isAccepted(manager, each)) accepted++;
    const warned = warnings.count;
    channel.send({ type: 'revoked', began, answered, accepted, error, warned });
  });
}

/** Its own error, so that what was never acknowledged is not taken for kept. */
async function revoke(manager, { sessionId, userId }) {
  try {
    if (userId === undefined) await manager.deleteSession(sessionId);
    else await manager.revokeAllSessions(userId);
    return null;
  } catch (error) {
    return error.code ?? error.message;
  }
}

/** Asks the other process to revoke; resolves when it has. */
export function askToRevoke(channel, sessionId, pause = true) {
  return askFor(channel, { sessionId, pause });
}

/** Asks the other process to end all sessions of a user, and whether it accepts these afterwards. */
export function askToRevokeAll(channel, userId, sessionIds) {
  return askFor(channel, { userId, sessionIds, pause: false });
}

function askFor(channel, what) {
  return new Promise((resolve) => {
    const hear = (message) => {
      if (message.type !== 'revoked') return;
      channel.off('message', hear);
      resolve(message);
    };
    channel.on('message', hear);
    channel.send({ type: 'revoke', ...what });
  });
}

/**
 * Keeps looking each session up until this process refuses it, while the other one revokes it.
 *
 * @returns In ms from the other process's call: waits until the refusal here, and until the other
 *   had its answer; how many were never refused, and how many were accepted again later; how often
 *   the other said meanwhile that a store was slow.
 */
export async function watch({ channel, manager, misses, sessionIds, others, load }) {
  const running = startLoad(load, { misses, sessionIds: others });
  const waits = [];
  const answers = [];
  let lost = 0;
  let again = 0;
  const warned = [];
  for (const sessionId of sessionIds) {
    if (!(await isAccepted(manager, sessionId))) throw new Error('a session ended before its time');
    const reply = askToRevoke(channel, sessionId);
    const refusedAt = await untilRefused(manager, sessionId);
    const { began, answered, warned: count } = await reply;
    warned.push(count);
    answers.push(answered - began);
    if (refusedAt === null) lost++;
    else waits.push(refusedAt - began);
    for (let look = 0; look < LOOKS_AFTERWARDS; look++) {
      await turn();
      if (await isAccepted(manager, sessionId)) again++;
    }
  }
  const lookups = await running.end();
  for (const sessionId of sessionIds) if (await isAccepted(manager, sessionId)) again++;
  return { waits, answers, lost, again, lookups, warned: warned.at(-1) - warned[0] };
}

/** When it was first refused; `null` when it never was. */
export async function untilRefused(manager, sessionId, withinMs = LOST_AFTER_MS) {
  const deadline = monotonicMs() + withinMs;
  for (;;) {
    const accepted = await isAccepted(manager, sessionId);
    const now = monotonicMs();
    if (!accepted) return now;
    if (now > deadline) return null;
    await turn();
  }
}

/** An answer of "nobody can say" lets nobody in either. */
export async function isAccepted(manager, sessionId) {
  try {
    return (await manager.validateSession(sessionId)).status === 'active';
  } catch (error) {
    if (error.code === 'STORE_UNAVAILABLE') return false;
    throw error;
  }
}
