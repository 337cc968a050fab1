import { carrierFrozen, carrierWithoutRedis, openTransaction } from '../cases/carrier.ts';
import { backlog, endedAtOnce } from '../cases/many-rows.ts';
import { oldSideCarries, oldSideEnds, otherRedis } from '../cases/masters.ts';
import { playFaults } from '../harness/suite.ts';

playFaults('Changes travel for a while', [
  carrierFrozen,
  carrierWithoutRedis,
  oldSideEnds,
  oldSideCarries,
  otherRedis,
  openTransaction,
  backlog,
  endedAtOnce,
]);
