import { describe, expect, it } from 'vitest';
import { bar, progressLine } from '../../src/cli/progress.ts';
import { type ClockReading, judgeClocks } from '../../src/policy/clocks-apart.ts';
import { judgePostgres, judgeRedis } from '../../src/policy/diagnosis.ts';

const reading = (of: string, ahead: number, blur = 0): ClockReading => ({ of, ahead, blur });

const POSTGRES = {
  version: 140_000,
  release: '14.0',
  encoding: 'UTF8',
  hasIcu: true,
  standby: false,
  statementTimeout: 1_000,
  lacking: [],
};

const REDIS = {
  release: '7.0.0',
  role: 'master',
  evictionPolicy: 'noeviction',
  trackingMaxKeys: 1_000_000,
  refused: [],
};

const failing = (checks: { name: string; status: string }[]) =>
  checks.filter(({ status }) => status === 'fail').map(({ name }) => name);

describe('the floors', () => {
  it('are PostgreSQL 14 and Redis 7, as they are called today', () => {
    expect(failing([...judgePostgres(POSTGRES), ...judgeRedis(REDIS)])).toEqual([]);
    expect(failing(judgeRedis({ ...REDIS, release: '10.1.0' }))).toEqual([]);
    expect(failing(judgePostgres({ ...POSTGRES, version: 130_022 }))).toEqual(['postgres version']);
    expect(failing(judgeRedis({ ...REDIS, release: '6.2.14' }))).toEqual(['redis version']);
    expect(failing(judgeRedis({ ...REDIS, release: 'unknown' }))).toEqual(['redis version']);
  });

  it('are UTF8, ICU and a primary', () => {
    const found = { ...POSTGRES, encoding: 'SQL_ASCII', hasIcu: false, standby: true };
    expect(failing(judgePostgres(found))).toEqual([
      'postgres encoding',
      'postgres collation',
      'postgres role',
    ]);
  });
});

describe('judgeClocks', () => {
  it('warns above a second and fails above half a minute, in either direction', () => {
    const status = (ahead: number) => judgeClocks([reading('PostgreSQL', ahead)]).status;
    expect([0, 1_000, -1_000, 1_001, -30_000, 30_001, -30_001].map(status)).toEqual([
      ...['ok', 'ok', 'ok', 'warn', 'warn', 'fail', 'fail'],
    ]);
  });

  it('holds the stores against each other too', () => {
    const { found, status } = judgeClocks([reading('PostgreSQL', 700), reading('Redis', -700)]);
    expect(status).toBe('warn');
    expect(found).toBe('against this machine: PostgreSQL is 0.7 s ahead, Redis is 0.7 s behind');
  });

  it('says nothing of what a slow round trip may hide', () => {
    expect(judgeClocks([reading('PostgreSQL', 1_400, 500)]).status).toBe('ok');
  });
});

describe('progress', () => {
  it('is a bar that never runs over, and counts what nobody expected', () => {
    expect(bar(0, 100)).toBe(`[${'-'.repeat(24)}] 0 of 100`);
    expect(bar(50, 100)).toBe(`[${'#'.repeat(12)}${'-'.repeat(12)}] 50 of 100`);
    expect(bar(120, 100)).toBe(`[${'#'.repeat(24)}] 120 of 120`);
    expect(bar(0, 0)).toBe(`[${'#'.repeat(24)}] 0 of 0`);
  });

  it('writes over one line on a terminal, and nothing elsewhere', () => {
    const drawn = (isTTY: boolean): string => {
      let text = '';
      const write = (more: string): void => {
        text += more;
      };
      const line = progressLine({ isTTY, write });
      line.show('one');
      line.clear();
      return text;
    };
    expect(drawn(true)).toBe('\r\u001b[Kone\r\u001b[K');
    expect(drawn(false)).toBe('');
  });
});
