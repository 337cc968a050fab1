import { lostAnswer, mixedReplies, redisHalfOpen } from '../cases/network.ts';
import { postgresPaused } from '../cases/postgres.ts';
import { refillRace } from '../cases/processes.ts';
import { oldDump, redisFlushed } from '../cases/redis.ts';
import { playFaults } from '../harness/suite.ts';

playFaults('Promises hold', [
  redisFlushed,
  oldDump,
  postgresPaused,
  redisHalfOpen,
  mixedReplies,
  lostAnswer,
  refillRace,
]);
