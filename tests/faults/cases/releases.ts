import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, UNHARMED } from '../harness/fault.ts';
import { type Patch, patchedBuild } from '../holes/build.ts';

/** A release whose copies of sessions have another form: neither can read what the other wrote. */
const OTHER_FORM: Patch[] = [
  {
    file: 'policy/packed-session.js',
    find: "return parts.join('.');",
    replace: "return parts.join('.') + '.~';",
  },
  {
    file: 'policy/packed-session.js',
    find: ')?$`);',
    replace: ')?\\\\.~$`);',
  },
];

const SIDE_BY_SIDE = 1_500;

export const rollingDeploy: Fault = {
  id: 'F-31',
  title: 'processes of two releases, whose copies differ in form, serve side by side',
  promise: 'what the other release wrote is a miss; nobody notices',
  allows: UNHARMED,
  holdMs: 0,
  inject: async (stage) => {
    const { folder, remove } = await patchedBuild(OTHER_FORM);
    stage.alsoClose(remove);
    for (const [place, application] of [...stage.applications.entries()]) {
      application.signal('SIGTERM');
      await application.ended();
      await stage.startProcess(place, { packageFolder: folder });
      await delay(SIDE_BY_SIDE);
    }
  },
  heal: async () => undefined,
};
