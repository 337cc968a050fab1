import { fullDisk } from '../cases/full-disk.ts';
import { mixedRows, postgresHalfOpen } from '../cases/network.ts';
import { connectionsEnded, poolExhausted, postgresRestarted } from '../cases/postgres.ts';
import { playFaults } from '../harness/suite.ts';

playFaults('PostgreSQL breaks', [
  postgresRestarted,
  connectionsEnded,
  poolExhausted,
  fullDisk,
  postgresHalfOpen,
  mixedRows,
]);
