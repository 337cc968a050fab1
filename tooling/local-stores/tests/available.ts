import { pgBouncerSource, postgresSource } from '../src/find.ts';
import { thisMachine } from '../src/machine.ts';

const machine = thisMachine();

/** PgBouncer is neither here nor may we install it. */
export const noPgBouncer = pgBouncerSource(machine).from === 'nowhere';

/** The PostgreSQL of the npm package has no pg_basebackup. */
export const noBaseBackup = postgresSource(machine).from !== 'machine';
