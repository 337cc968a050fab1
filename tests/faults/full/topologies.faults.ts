import { restored } from '../cases/backup.ts';
import { crashSweep } from '../cases/crashes.ts';
import { logInStorm } from '../cases/log-in-storm.ts';
import { poolerForgets, poolerKeeps } from '../cases/poolers.ts';
import { rollingDeploy } from '../cases/releases.ts';
import { schedule } from '../cases/schedule.ts';
import * as topologies from '../cases/topologies.ts';
import { playFaults } from '../harness/suite.ts';

playFaults('Many stores break', [
  topologies.failover,
  topologies.lostWrites,
  topologies.splitBrain,
  topologies.slotMoved,
  topologies.shardLost,
  topologies.promoted,
]);

playFaults('PostgreSQL stands behind a pooler', [poolerForgets, poolerKeeps]);

playFaults('Everything breaks', [rollingDeploy, crashSweep, restored, schedule, logInStorm]);
