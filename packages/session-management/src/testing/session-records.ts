import { afterEach, beforeEach, describe } from 'vitest';
import { recordsStage, type SessionRecordsHarness } from './records-stage.ts';
import { newUser } from './samples.ts';
import { becomingDue } from './session-records-due.ts';
import { endingMany, endingOne } from './session-records-ending.ts';
import { confirmingIdentity, extending, opening } from './session-records-life.ts';
import { limiting } from './session-records-limits.ts';
import { renewing } from './session-records-renewing.ts';
import { rotating } from './session-records-rotating.ts';
import { tidying } from './session-records-tidying.ts';

/** The promises that every {@link SessionRecords} makes. Run it against each implementation. */
export function describeSessionRecords(
  name: string,
  open: () => Promise<SessionRecordsHarness>,
): void {
  describe(`${name} keeps the SessionRecords promises`, () => {
    let harness: SessionRecordsHarness;
    let userId: string;
    beforeEach(async () => {
      harness = await open();
      userId = (await harness.users.create(newUser())).id;
    });
    afterEach(() => harness.close());

    const stage = recordsStage(
      () => harness,
      () => userId,
    );
    describe('opening and reading', () => opening(stage));
    describe('extending', () => extending(stage));
    describe('confirming an identity', () => confirmingIdentity(stage));
    describe('renewing', () => renewing(stage));
    describe('rotating', () => rotating(stage));
    describe('being due for a rotation', () => becomingDue(stage));
    describe('limits', () => limiting(stage));
    describe('ending one', () => endingOne(stage));
    describe('ending many', () => endingMany(stage));
    describe('listing and tidying', () => tidying(stage));
  });
}
