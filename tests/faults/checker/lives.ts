import type { Bounds, History, Operation } from '../harness/history.ts';

/** All that was done to one session, in the order in which the driver asked. */
export interface Life {
  session: number;
  userId: string;
  created: Operation;
  lookups: Operation[];
  extensions: Operation[];
  /** What makes its copies a miss once: its user's role, or an end of others that kept it. */
  changes: Operation[];
  /** What may have ended it: calls with this session, and calls about its user. */
  ends: Operation[];
}

/** The sessions that were issued, each with what was done to it. */
export function livesOf({ bounds, operations }: History): Life[] {
  const ordered = [...operations].sort((a, b) => a.start - b.start);
  const lives = new Map<number, Life>();
  const ofUser = new Map<string, Life[]>();
  for (const created of ordered) {
    const { session, userId, verb } = created;
    if (verb !== 'create' || session === null) continue;
    const life: Life = {
      session,
      userId,
      created,
      lookups: [],
      extensions: [],
      changes: [],
      ends: [],
    };
    lives.set(session, life);
    ofUser.set(userId, [...(ofUser.get(userId) ?? []), life]);
  }

  for (const operation of ordered) {
    const { session, userId, verb } = operation;
    const isOfUser = session === null || verb === 'revokeOthers';
    const concerned = isOfUser ? ofUser.get(userId) : [lives.get(session)];
    for (const life of concerned ?? []) if (life !== undefined) file(operation, life, bounds);
  }
  return [...lives.values()];
}

function file(operation: Operation, life: Life, bounds: Bounds): void {
  switch (operation.verb) {
    case 'validate':
    case 'confirm':
      life.lookups.push(operation);
      break;
    case 'extend':
      life.extensions.push(operation);
      break;
    case 'delete':
      life.ends.push(operation);
      break;
    case 'revokeOthers':
      if (operation.session === life.session) life.changes.push(operation);
      else if (mayMeet(operation, life, bounds)) life.ends.push(operation);
      break;
    case 'revokeAll':
    case 'changePassword':
      if (mayMeet(operation, life, bounds)) life.ends.push(operation);
      break;
    case 'setRole':
      life.changes.push(operation);
      break;
    case 'create':
      break;
  }
}

/**
 * Whether an end of many may have found the session there. What was answered before the session was asked for
 * cannot; what nobody answered PostgreSQL may still carry out, within the time in which it must settle.
 */
function mayMeet({ end, outcome }: Operation, { created }: Life, { recovery }: Bounds): boolean {
  return end + (outcome.kind === 'ack' ? 0 : recovery) >= created.start;
}

/** Whether an end was acknowledged and began when the session was surely there. */
export function surelyEnds(end: Operation, { created }: Life): boolean {
  return end.outcome.kind === 'ack' && (end.verb === 'delete' || end.start >= created.end);
}

/** Whether the session lived from before this instant on: no end may have begun by then. */
export function mayHaveEnded(life: Life, until: number): boolean {
  return life.ends.some((end) => end.start <= until);
}

/** The earliest and the latest instant at which its time may be up, as seen at `at`. */
export function deadlinesOf(life: Life, at: number, lateness: number): [number, number] {
  const setters = [life.created, ...life.extensions.filter((each) => each.start < at)];
  const known = setters.filter(
    (each) => each.outcome.kind === 'ack' && each.end <= at - lateness && cameInTime(each, life),
  );
  const settled = Math.max(...known.map((each) => each.start));
  // One without an answer may take effect at any later moment.
  const open = setters.filter((each) => each.outcome.kind !== 'ack' || each.end >= settled);
  return [
    Math.min(...open.map((each) => each.start + (each.ttl ?? 0))),
    Math.max(...open.map((each) => latest(each, at) + (each.ttl ?? 0))),
  ];
}

/** Whether it surely met the session alive: what comes too late changes nothing. */
function cameInTime(setter: Operation, life: Life): boolean {
  return setter === life.created || setter.end < deadlinesOf(life, setter.start, 0)[0];
}

function latest({ end, outcome }: Operation, at: number): number {
  return outcome.kind === 'ack' ? end : at;
}
