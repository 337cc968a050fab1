import { lostAnswer, mixedReplies, redisHalfOpen } from '../cases/network.ts';
import { bothKilled, postgresKilled, postgresPaused } from '../cases/postgres.ts';
import { refillRace } from '../cases/processes.ts';
import { oldDump, redisFlushed, redisKilled } from '../cases/redis.ts';
import { playFaults } from '../harness/suite.ts';

playFaults('Core faults', [
  redisKilled,
  redisFlushed,
  oldDump,
  postgresKilled,
  postgresPaused,
  bothKilled,
  redisHalfOpen,
  mixedReplies,
  lostAnswer,
  refillRace,
]);
