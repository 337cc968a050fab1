import { ANYTHING, type Fault } from '../harness/fault.ts';
import { command } from '../harness/stores.ts';
import { endSome } from './redis.ts';

const BACK_UP = `
  CREATE TABLE backed_up_sessions AS TABLE sessions."Session";
  CREATE TABLE backed_up_subjects AS TABLE sessions."Subject";
  CREATE TABLE backed_up_users AS TABLE "User"`;

/** As a restore does it: without triggers. */
const RESTORE = `
  SET session_replication_role = replica;
  DELETE FROM sessions."Session";
  DELETE FROM sessions."Subject";
  DELETE FROM sessions."Raise";
  DELETE FROM "User";
  INSERT INTO "User" SELECT * FROM backed_up_users;
  INSERT INTO sessions."Subject" OVERRIDING SYSTEM VALUE SELECT * FROM backed_up_subjects;
  INSERT INTO sessions."Session" SELECT * FROM backed_up_sessions`;

export const restored: Fault = {
  id: 'F-36',
  title: 'PostgreSQL is restored to a point before many revokes',
  promise: 'after the command after-restore every old session is refused',
  allows: ANYTHING,
  isQuiet: true,
  holdMs: 0,
  inject: async (stage) => {
    const { packageFolder, stores } = stage;
    await stage.sql(BACK_UP);
    await endSome(stage);
    await Promise.all(stage.applications.map((each) => each.kill()));
    await stage.sql(RESTORE);
    const start = performance.now();
    await command(packageFolder, ['after-restore'], stores);
    stage.recorder.endedByOperator(start);
    await Promise.all(stage.applications.map((_each, place) => stage.startProcess(place)));
  },
  heal: async () => undefined,
};
