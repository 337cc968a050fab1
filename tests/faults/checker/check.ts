import type { History, Violation } from '../harness/history.ts';
import { acceptedByNobody, failures, refusals, silences } from './availability.ts';
import { livesOf } from './lives.ts';
import { latency } from './lookups.ts';
import { health, secrecy } from './processes.ts';
import { roles } from './roles.ts';
import { expiry, identity, noReturn, revocation } from './safety.ts';
import { agreement, durability, settling } from './settling.ts';

const OF_EACH_SESSION = [
  revocation,
  expiry,
  noReturn,
  identity,
  refusals,
  silences,
  acceptedByNobody,
  durability,
  settling,
];

const OF_THE_WHOLE = [failures, agreement, roles, latency, health, secrecy];

/** Every promise that this history breaks. */
export function check(history: History): Violation[] {
  const lives = livesOf(history);
  return [
    ...OF_EACH_SESSION.flatMap((rule) => lives.flatMap((life) => rule(life, history))),
    ...OF_THE_WHOLE.flatMap((rule) => rule(history)),
  ];
}
