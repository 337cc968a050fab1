import { livesOf } from '../checker/lives.ts';
import type { History, Operation, Violation } from './history.ts';

/** Whoever reads a failure needs what came just before it, not the whole life. */
const MOST = 40;
const ENDS_MANY: readonly Operation['verb'][] = ['revokeAll', 'revokeOthers', 'changePassword'];

/** What was done to the sessions of these violations and to all of their users, in order, a line each. */
export function evidenceOf(violations: readonly Violation[], history: History): string[] {
  const named = new Set(violations.map(({ session }) => session));
  return livesOf(history)
    .filter(({ session }) => named.has(session))
    .flatMap(({ session, userId }) => {
      const about = history.operations.filter(
        (each) =>
          each.session === session || (each.userId === userId && ENDS_MANY.includes(each.verb)),
      );
      const last = about.sort((a, b) => a.start - b.start).slice(-MOST);
      return [`session ${session}:`, ...last.map(lineOf), ...history.windows.map(windowLine)];
    });
}

function lineOf({ end, outcome, process, session, start, ttl, verb }: Operation): string {
  const { kind, ...more } = outcome;
  const told = 'reason' in more ? ` ${more.reason}` : 'code' in more ? ` ${more.code}` : '';
  const life = ttl === null ? '' : ` for ${ttl} ms`;
  const who = session === null ? 'its user' : session;
  return `  ${span(start, end)} process ${process}: ${verb} ${who}${life}: ${kind}${told}`;
}

function windowLine({ end, mending, start }: History['windows'][number]): string {
  return `  ${span(start, end)} broken, mended from ${mending.toFixed(1)}`;
}

function span(start: number, end: number): string {
  return `${start.toFixed(1)}-${end.toFixed(1)}`;
}
