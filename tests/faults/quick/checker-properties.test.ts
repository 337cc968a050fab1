import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from '../checker/check.ts';
import { BOUNDS, type History, type Operation, type Outcome } from '../harness/history.ts';
import { Random } from '../harness/random.ts';
import { ACK, OWNER, op, REVOKED, setRole } from './histories.ts';

const TURNS = 120;
const SESSIONS = 6;
const PROCESSES = 3;

/** What a system does that is right at once: one truth, one call at a time. */
function rightHistory(random: Random): Operation[] {
  const operations: Operation[] = [setRole(-20, 'USER')];
  const ended = new Set<number>();
  let role = 'USER';
  for (let session = 0; session < SESSIONS; session += 1) {
    operations.push(op(session * 20, 'create', ACK, { session, ttl: 3_600_000 }));
  }
  for (let turn = 0; turn < TURNS; turn += 1) {
    const at = 1_000 + turn * 20 + random.below(10);
    const session = random.below(SESSIONS);
    const process = random.below(PROCESSES);
    if (random.below(30) === 0) {
      operations.push(op(at, 'revokeAll', ACK, { process }));
      for (let each = 0; each < SESSIONS; each += 1) ended.add(each);
    } else if (random.below(12) === 0) {
      operations.push(op(at, 'delete', ACK, { process, session }));
      ended.add(session);
    } else if (random.below(10) === 0) {
      role = other(role);
      operations.push(setRole(at, role));
    } else {
      const outcome = ended.has(session) ? REVOKED : valid(role);
      operations.push(op(at, 'validate', outcome, { process, session }));
    }
  }
  return operations;
}

function valid(role: string): Outcome {
  return { kind: 'valid', userId: OWNER, role };
}

function other(role: string): string {
  return role === 'USER' ? 'ADMIN' : 'USER';
}

function historyOf(operations: Operation[]): History {
  return {
    operations,
    windows: [],
    allows: { lookups: 'all answered', confirms: false, writes: false },
    bounds: BOUNDS,
    processes: [],
    disagreements: [],
  };
}

describe('The checker', () => {
  it('has nothing against a system that is right at once', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(check(historyOf(rightHistory(new Random(seed))))).toEqual([]);
      }),
    );
  });

  it('sees any one answer turned into its opposite by the process that knew better', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), (seed, place) => {
        const operations = rightHistory(new Random(seed));
        const lookups = operations.filter(({ verb }) => verb === 'validate');
        const chosen = lookups[place % lookups.length];
        fc.pre(chosen !== undefined);
        const isValid = chosen.outcome.kind === 'valid';
        const wrong: Operation = {
          ...chosen,
          verb: 'confirm',
          outcome: isValid ? REVOKED : valid('USER'),
        };
        const told = operations.map((each) => (each === chosen ? wrong : each));
        expect(check(historyOf(told)).length).toBeGreaterThan(0);
      }),
    );
  });

  it('sees any one role turned into the other by the process that asked the record', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), (seed, place) => {
        const operations = rightHistory(new Random(seed));
        const answers = operations.filter(({ outcome }) => outcome.kind === 'valid');
        const chosen = answers[place % answers.length];
        fc.pre(chosen?.outcome.kind === 'valid');
        const wrong: Operation = {
          ...chosen,
          verb: 'confirm',
          outcome: valid(other(chosen.outcome.role)),
        };
        const told = operations.map((each) => (each === chosen ? wrong : each));
        const rules = check(historyOf(told)).map(({ rule }) => rule);
        expect(rules).toEqual(['P-2']);
      }),
    );
  });

  it('does not mind the order in which the calls were written down', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(check(historyOf(rightHistory(new Random(seed)).reverse()))).toEqual([]);
      }),
    );
  });
});
