import { afterEach, beforeEach, describe } from 'vitest';
import type { SessionCopiesHarness } from './copies-stage.ts';
import { besideTheAdapter } from './session-copies-beside-adapter.ts';
import { liveCopies } from './session-copies-live.ts';
import { tombstones } from './session-copies-tombstones.ts';

/** The promises that every {@link SessionCopies} makes. Run it against each implementation. */
export function describeSessionCopies(
  name: string,
  open: () => Promise<SessionCopiesHarness>,
): void {
  describe(`${name} keeps the SessionCopies promises`, () => {
    let harness: SessionCopiesHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    describe('live copies', () => liveCopies(() => harness));
    describe('tombstones', () => tombstones(() => harness));
    describe('beside the adapter', () => besideTheAdapter(() => harness));
  });
}
