import { brokenBytes, withoutPostgres, withoutRedis } from '../cases/network.ts';
import { killedProcess, lateWrites, skewed, stalled, terminated } from '../cases/processes.ts';
import { oldDumpAlone } from '../cases/redis-alone.ts';
import { playFaults } from '../harness/suite.ts';

playFaults('Processes and links break', [
  brokenBytes,
  withoutRedis,
  withoutPostgres,
  lateWrites,
  stalled,
  terminated,
  killedProcess,
  skewed,
  oldDumpAlone,
]);
