import { bothKilled, postgresKilled } from '../cases/postgres.ts';
import { redisKilled } from '../cases/redis.ts';
import { playFaults } from '../harness/suite.ts';

/**
 * In the middle of `npm test` the machine may be busy, which must not look like an outage. Where
 * faults are measured the limits are the product's own.
 */
const PATIENT = { SESSION_REDIS_TIMEOUT: '150ms' };
const isMeasured = process.env['FAULT_RESULTS'] !== undefined;

playFaults(
  'Stores are killed',
  [redisKilled, postgresKilled, bothKilled],
  isMeasured ? {} : PATIENT,
);
