import { carrierKilled, carrierWithoutPostgres } from '../cases/carrier.ts';
import { slowNaming, thereAndBack } from '../cases/masters.ts';
import { unansweredEnds } from '../cases/unanswered-ends.ts';
import { playFaults } from '../harness/suite.ts';

playFaults('Changes travel', [
  carrierKilled,
  carrierWithoutPostgres,
  thereAndBack,
  slowNaming,
  unansweredEnds,
]);
