import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { startLoad } from './loads.mjs';

const LOST_AFTER_MS = 5_000;
const LOOKS_AFTERWARDS = 5;
const PAUSE_MS = 2;

/** CLOCK_MONOTONIC, which all processes of a Linux machine share, in milliseconds. */
export function monotonicMs() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Revokes what the other process names, and tells when it began and when it had the answer. */
export function answerRevokes(channel, manager) {
  channel.on('message', async (message) => {
    if (message.type !== 'revoke') return;
    if (message.pause) await delay(Math.random() * PAUSE_MS);
    const began = monotonicMs();
    await manager.deleteSession(message.sessionId);
    channel.send({ type: 'revoked', began, answered: monotonicMs() });
  });
}

/** Asks the other process to revoke; resolves when it has. */
export function askToRevoke(channel, sessionId, pause = true) {
  return new Promise((resolve) => {
    const hear = (message) => {
      if (message.type !== 'revoked') return;
      channel.off('message', hear);
      resolve(message);
    };
    channel.on('message', hear);
    channel.send({ type: 'revoke', sessionId, pause });
  });
}

/**
 * Keeps looking each session up until this process refuses it, while the other one revokes it.
 *
 * @returns Waits in ms from the other process's call, how many were never refused, and how many
 *   were accepted again later.
 */
export async function watch({ channel, manager, misses, sessionIds, others, load }) {
  const running = startLoad(load, { misses, sessionIds: others });
  const waits = [];
  let lost = 0;
  let again = 0;
  for (const sessionId of sessionIds) {
    if (!(await isAccepted(manager, sessionId))) throw new Error('a session ended before its time');
    const reply = askToRevoke(channel, sessionId);
    const refusedAt = await untilRefused(manager, sessionId);
    const { began } = await reply;
    if (refusedAt === null) lost++;
    else waits.push(refusedAt - began);
    for (let look = 0; look < LOOKS_AFTERWARDS; look++) {
      await turn();
      if (await isAccepted(manager, sessionId)) again++;
    }
  }
  const lookups = await running.end();
  for (const sessionId of sessionIds) if (await isAccepted(manager, sessionId)) again++;
  return { waits, lost, again, lookups };
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
