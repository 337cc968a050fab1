import { describe, expect, it } from 'vitest';
import { check } from '../checker/check.ts';
import { type Allowance, BOUNDS, type History, type ProcessReport } from '../harness/history.ts';
import {
  ACK,
  AS_ADMIN,
  EXPIRED,
  FAULT,
  history,
  op,
  REVOKED,
  setRole,
  UNKNOWN,
  VALID,
} from './histories.ts';

const broken = FAULT.start + 2_000;
const inFault: Partial<History> = { windows: [FAULT] };
const excused = (allows: Partial<Allowance>): Partial<History> => ({
  ...inFault,
  allows: { lookups: 'all answered', confirms: false, writes: false, ...allows },
});
const said = (report: Partial<ProcessReport>): Partial<History> => ({
  processes: [
    {
      name: 'process 0',
      faults: [],
      crashed: false,
      sockets: { before: 4, after: 4, allowed: 10 },
      tokensInOutput: 0,
      ...report,
    },
  ],
});
const elsewhere = { process: 1 };
const audit = { audit: true };
const brief = (ttl: number) => op(1, 'create', ACK, { session: 1, ttl });
const ofBrief = { session: 1 };
const ofOthers = (at: number, kept: number) => op(at, 'revokeOthers', ACK, { session: kept });
const quick = Array.from({ length: 98 }, () => 10);
/** Lookups that took so long, during a fault that allows 100 ms. */
const storm = (...took: number[]): History =>
  history(
    took.map((each) => op(broken, 'validate', VALID, { took: each })),
    { ...inFault, bounds: { ...BOUNDS, p99: 100 } },
  );

/** Per rule: a history that breaks it, and the nearest one that does not. */
const late = (at: number) => op(at, 'create', ACK, { session: 1, ttl: 60_000 });
const lost: Partial<History> = {
  windows: [{ start: 0, mending: 200, end: 200 }],
  allows: { lookups: 'any', confirms: true, writes: true },
};
const PAIRS: [title: string, rule: string, bad: History, good: History][] = [
  [
    'an end of all that nobody answered ends what was opened long after it',
    'A-1',
    history(
      [op(100, 'revokeAll', UNKNOWN), late(5_200), op(5_300, 'validate', REVOKED, ofBrief)],
      lost,
    ),
    history(
      [op(100, 'revokeAll', UNKNOWN), late(5_100), op(5_300, 'validate', REVOKED, ofBrief)],
      lost,
    ),
  ],
  [
    'an answered end of all ends what was opened after it',
    'A-1',
    history([op(100, 'revokeAll', ACK), late(120), op(300, 'validate', REVOKED, ofBrief)], lost),
    history([op(100, 'revokeAll', ACK), late(105), op(300, 'validate', REVOKED, ofBrief)], lost),
  ],
  [
    'what nobody answered ends a session opened after it for one process alone',
    'U-1',
    history(
      [
        op(100, 'revokeAll', UNKNOWN),
        late(200),
        op(9_300, 'validate', REVOKED, { ...ofBrief, ...audit }),
        op(9_300, 'validate', VALID, { ...ofBrief, ...elsewhere, ...audit }),
      ],
      lost,
    ),
    history(
      [
        op(100, 'revokeAll', UNKNOWN),
        late(200),
        op(9_300, 'validate', REVOKED, { ...ofBrief, ...audit }),
        op(9_300, 'validate', REVOKED, { ...ofBrief, ...elsewhere, ...audit }),
      ],
      lost,
    ),
  ],
  [
    'another process accepts what was revoked more than a second ago',
    'S-1',
    history([op(100, 'delete', ACK), op(1_200, 'validate', VALID, elsewhere)]),
    history([op(100, 'delete', ACK), op(1_100, 'validate', VALID, elsewhere)]),
  ],
  [
    'the same process accepts what it revoked',
    'S-1',
    history([op(100, 'delete', ACK), op(111, 'validate', VALID)]),
    history([op(100, 'delete', ACK), op(109, 'validate', VALID)]),
  ],
  [
    'a confirm accepts what was revoked anywhere',
    'S-5',
    history([op(100, 'delete', ACK), op(111, 'confirm', VALID, elsewhere)], inFault),
    history([op(100, 'delete', ACK), op(109, 'confirm', VALID, elsewhere)], inFault),
  ],
  [
    'a fault keeps a revoke away for longer than F',
    'S-1',
    history([op(100, 'delete', ACK), op(30_120, 'validate', VALID, elsewhere)], {
      windows: [{ start: 50, mending: 40_000, end: 40_000 }],
    }),
    history([op(100, 'delete', ACK), op(30_100, 'validate', VALID, elsewhere)], {
      windows: [{ start: 50, mending: 40_000, end: 40_000 }],
    }),
  ],
  [
    'a revoke of all ends a session that was there',
    'S-1',
    history([op(100, 'revokeAll', ACK), op(1_200, 'validate', VALID, elsewhere)]),
    history([op(5, 'revokeAll', ACK), op(1_200, 'validate', VALID, elsewhere)]),
  ],
  [
    'a revoke of others ends a session that was there',
    'S-1',
    history([brief(60_000), ofOthers(100, 1), op(1_200, 'validate', VALID, elsewhere)]),
    history([brief(60_000), ofOthers(100, 0), op(1_200, 'validate', VALID, elsewhere)]),
  ],
  [
    'the session that a revoke of others keeps is refused',
    'A-1',
    history([brief(60_000), ofOthers(100, 0), op(1_200, 'validate', REVOKED, elsewhere)]),
    history([brief(60_000), ofOthers(100, 1), op(1_200, 'validate', REVOKED, elsewhere)]),
  ],
  [
    'a change of password ends a session that was there',
    'S-1',
    history([op(100, 'changePassword', ACK), op(1_200, 'validate', VALID, elsewhere)]),
    history([op(100, 'changePassword', UNKNOWN), op(1_200, 'validate', VALID, elsewhere)], {
      windows: [{ start: 0, mending: 200, end: 200 }],
      allows: { lookups: 'all answered', confirms: false, writes: true },
    }),
  ],
  [
    'a session is accepted when its time is up',
    'S-2',
    history([brief(2_000), op(3_100, 'validate', VALID, ofBrief)]),
    history([brief(2_000), op(3_000, 'validate', VALID, ofBrief)]),
  ],
  [
    'a session is accepted when its time was shortened',
    'S-2',
    history([op(100, 'extend', ACK, { ttl: 5_000 }), op(6_200, 'validate', VALID)]),
    history([op(100, 'extend', ACK, { ttl: 6_000 }), op(6_200, 'validate', VALID)]),
  ],
  [
    'a session returns to the process that refused it',
    'S-3',
    history([op(100, 'delete', UNKNOWN), op(200, 'validate', REVOKED), op(300, 'validate', VALID)]),
    history([
      op(100, 'delete', UNKNOWN),
      op(200, 'validate', REVOKED),
      op(300, 'validate', VALID, elsewhere),
    ]),
  ],
  [
    'a session returns to another process after F',
    'S-3',
    history([op(200, 'validate', EXPIRED), op(30_220, 'validate', VALID, elsewhere)]),
    history([op(200, 'validate', EXPIRED), op(30_200, 'validate', VALID, elsewhere)]),
  ],
  [
    'a session signs in another user',
    'S-4',
    history([op(100, 'validate', { kind: 'valid', userId: 'another', role: 'USER' })]),
    history([op(100, 'validate', VALID)]),
  ],
  [
    'a live session is refused',
    'A-1',
    history([op(100, 'validate', { kind: 'invalid', reason: 'unknown' })]),
    history([op(100, 'validate', REVOKED), op(105, 'delete', ACK)]),
  ],
  [
    'a session is refused before its time is up',
    'A-1',
    history([brief(5_000), op(2_000, 'validate', EXPIRED, ofBrief)]),
    history([brief(5_000), op(4_500, 'validate', EXPIRED, ofBrief)]),
  ],
  [
    'a session is refused that was extended in time',
    'A-1',
    history([
      brief(2_000),
      op(1_900, 'extend', ACK, { ...ofBrief, ttl: 60_000 }),
      op(4_000, 'validate', EXPIRED, ofBrief),
    ]),
    history([
      brief(2_000),
      op(2_100, 'extend', ACK, { ...ofBrief, ttl: 60_000 }),
      op(4_000, 'validate', EXPIRED, ofBrief),
    ]),
  ],
  [
    'a lookup is unanswered while all is well',
    'A-2',
    history([op(9_000, 'validate', UNKNOWN)], excused({ lookups: 'none answered' })),
    history([op(10_001, 'validate', UNKNOWN)], excused({ lookups: 'none answered' })),
  ],
  [
    'a lookup is unanswered when recovery should be over',
    'A-2',
    history([op(25_100, 'validate', UNKNOWN)], excused({ lookups: 'none answered' })),
    history([op(24_900, 'validate', UNKNOWN)], excused({ lookups: 'none answered' })),
  ],
  [
    'a lookup of a copied session is unanswered',
    'A-2',
    history(
      [op(9_000, 'validate', VALID), op(broken, 'validate', UNKNOWN)],
      excused({ lookups: 'cold' }),
    ),
    history(
      [
        op(9_000, 'validate', VALID),
        op(9_100, 'extend', ACK, { ttl: 60_000 }),
        op(broken, 'validate', UNKNOWN),
      ],
      excused({ lookups: 'cold' }),
    ),
  ],
  [
    'a lookup is unanswered of a session that was seen since its role was changed',
    'A-2',
    history(
      [setRole(7_000, 'ADMIN'), op(9_000, 'validate', AS_ADMIN), op(broken, 'validate', UNKNOWN)],
      excused({ lookups: 'cold' }),
    ),
    history(
      [setRole(8_500, 'ADMIN'), op(9_000, 'validate', VALID), op(broken, 'validate', UNKNOWN)],
      excused({ lookups: 'cold' }),
    ),
  ],
  [
    'a process is silent that the fault does not touch',
    'A-2',
    history([op(broken, 'validate', UNKNOWN, elsewhere)], excused({ lookups: 'any', onlyIn: 0 })),
    history([op(broken, 'validate', UNKNOWN)], excused({ lookups: 'any', onlyIn: 0 })),
  ],
  [
    'a confirm is unanswered although PostgreSQL is there',
    'A-2',
    history([op(broken, 'confirm', UNKNOWN)], inFault),
    history([op(broken, 'confirm', UNKNOWN)], excused({ confirms: true })),
  ],
  [
    'a log-in fails although PostgreSQL is there',
    'A-2',
    history([op(broken, 'create', UNKNOWN, { session: null })], inFault),
    history([op(broken, 'create', UNKNOWN, { session: null })], excused({ writes: true })),
  ],
  [
    'an error comes that is no answer',
    'A-2',
    history([op(broken, 'validate', { kind: 'error', code: 'TypeError' })], inFault),
    history([op(broken, 'validate', VALID)], inFault),
  ],
  [
    'somebody is accepted where no store answers',
    'A-2',
    history([op(broken, 'validate', VALID)], excused({ lookups: 'none answered' })),
    history([op(10_900, 'validate', VALID)], excused({ lookups: 'none answered' })),
  ],
  [
    'an acknowledged log-in is lost',
    'D-1',
    history([op(30_000, 'validate', REVOKED, audit)]),
    history([op(30_000, 'validate', VALID, audit)]),
  ],
  [
    'an acknowledged end is lost',
    'D-1',
    history([op(100, 'delete', ACK), op(30_000, 'validate', VALID, audit)]),
    history([op(100, 'delete', ACK), op(30_000, 'validate', REVOKED, audit)]),
  ],
  [
    'nobody knows of an acknowledged end, however often',
    'D-1',
    history([
      op(100, 'delete', ACK),
      op(30_000, 'validate', UNKNOWN, audit),
      op(30_100, 'validate', UNKNOWN, audit),
    ]),
    history([
      op(100, 'delete', ACK),
      op(30_000, 'validate', UNKNOWN, audit),
      op(30_100, 'validate', REVOKED, audit),
    ]),
  ],
  [
    'the stores disagree',
    'D-1',
    history([], { disagreements: ['a copy'] }),
    history([], { disagreements: [] }),
  ],
  [
    'an unanswered end came out both ways',
    'U-1',
    history([
      op(100, 'delete', UNKNOWN),
      op(30_000, 'validate', VALID, audit),
      op(30_000, 'validate', REVOKED, { ...audit, ...elsewhere }),
    ]),
    history([
      op(100, 'delete', UNKNOWN),
      op(30_000, 'validate', REVOKED, audit),
      op(30_000, 'validate', REVOKED, { ...audit, ...elsewhere }),
    ]),
  ],
  [
    'a lookup takes longer than D',
    'L-1',
    history([op(100, 'validate', VALID, { took: 851 })]),
    history([op(100, 'create', ACK, { took: 851, session: 1, ttl: 60_000 })]),
  ],
  [
    'the slowest hundredth takes longer than a fault allows',
    'L-1',
    storm(...quick, 101, 101),
    storm(...quick, 100, 101),
  ],
  [
    'a process leaves a rejection alone',
    'P-1',
    history([], said({ faults: ['unhandled rejection: Error'] })),
    history([], said({ faults: [] })),
  ],
  [
    'a process crashes',
    'P-1',
    history([], said({ crashed: true })),
    history([], said({ crashed: false })),
  ],
  [
    'a process leaks connections',
    'P-1',
    history([], said({ sockets: { before: 4, after: 15, allowed: 10 } })),
    history([], said({ sockets: { before: 4, after: 14, allowed: 10 } })),
  ],
  [
    'a role is told from more than a second before its change',
    'P-2',
    history([setRole(100, 'ADMIN'), op(1_111, 'validate', VALID)]),
    history([setRole(100, 'ADMIN'), op(1_110, 'validate', VALID)]),
  ],
  [
    'a confirm tells a role from before its change',
    'P-2',
    history([setRole(100, 'ADMIN'), op(111, 'confirm', VALID)], inFault),
    history([setRole(100, 'ADMIN'), op(110, 'confirm', VALID)], inFault),
  ],
  [
    'a fault keeps a change of role away for longer than F',
    'P-2',
    history([setRole(100, 'ADMIN'), op(30_111, 'validate', VALID)], {
      windows: [{ start: 50, mending: 40_000, end: 40_000 }],
    }),
    history([setRole(100, 'ADMIN'), op(30_110, 'validate', VALID)], {
      windows: [{ start: 50, mending: 40_000, end: 40_000 }],
    }),
  ],
  [
    'a change of role is missing when all has healed',
    'P-2',
    history([setRole(19_000, 'ADMIN'), op(26_000, 'validate', VALID, audit)], inFault),
    history([setRole(19_000, 'ADMIN', UNKNOWN), op(26_000, 'validate', VALID, audit)], inFault),
  ],
  [
    'a role is told that nobody has given yet',
    'P-2',
    history([op(100, 'validate', AS_ADMIN), setRole(111, 'ADMIN')]),
    history([op(100, 'validate', AS_ADMIN), setRole(110, 'ADMIN')]),
  ],
  [
    'a token stands in a log',
    'X-1',
    history([], said({ tokensInOutput: 1 })),
    history([], said({ tokensInOutput: 0 })),
  ],
];

describe('The checker sees when', () => {
  it.each(PAIRS)('%s (%s), and not its neighbour', (_title, rule, bad, good) => {
    expect(rulesBroken(bad)).toContain(rule);
    expect(rulesBroken(good)).not.toContain(rule);
  });

  it('what is only late apart from what is wrong at any speed', () => {
    const late = check(history([op(9_000, 'validate', UNKNOWN)], excused({})));
    expect(late.map(({ rule, late }) => [rule, late])).toEqual([['A-2', true]]);
    const failed = check(history([op(9_000, 'validate', { kind: 'error', code: 'TypeError' })]));
    expect(failed.map(({ rule, late }) => [rule, late])).toEqual([['A-2', undefined]]);
  });

  it('that a question of the final count went unanswered, whatever it heard when it was asked again', () => {
    const asked = [op(30_000, 'validate', UNKNOWN, audit), op(30_100, 'validate', VALID, audit)];
    expect(check(history(asked)).map(({ rule, late }) => [rule, late])).toEqual([['A-2', true]]);
  });

  it('every rule that there is', () => {
    const ofSafety = ['S-1', 'S-2', 'S-3', 'S-4', 'S-5'];
    const rules = ['A-1', 'A-2', 'D-1', 'L-1', 'P-1', 'P-2', ...ofSafety, 'U-1', 'X-1'];
    expect([...new Set(PAIRS.map(([, rule]) => rule))].sort()).toEqual(rules);
  });
});

function rulesBroken(history: History): string[] {
  return check(history).map(({ rule }) => rule);
}
