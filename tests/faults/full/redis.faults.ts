import { limiterDown } from '../cases/log-ins.ts';
import * as redis from '../cases/redis.ts';
import * as refusing from '../cases/redis-refuses.ts';
import { playFaults } from '../harness/suite.ts';

playFaults('Redis breaks', [
  redis.redisPaused,
  redis.redisSlow,
  redis.herd,
  redis.full,
  redis.evicting,
  refusing.readOnly,
  refusing.misconfigured,
  refusing.unauthenticated,
  refusing.forbidden,
  refusing.scriptsForgotten,
  refusing.loading,
  redis.connectionsKilled,
  limiterDown,
]);
