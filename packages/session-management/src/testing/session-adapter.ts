import { describe } from 'vitest';
import { opened, type SessionAdapterHarness } from './adapter-stage.ts';
import { deleting, extending } from './session-adapter-changes.ts';
import { storing } from './session-adapter-storing.ts';

/** The promises that every {@link SessionAdapter} makes. Run it against each implementation. */
export function describeSessionAdapter(
  name: string,
  open: () => Promise<SessionAdapterHarness>,
): void {
  describe(`${name} keeps the SessionAdapter promises`, () => {
    const store = opened(open);
    describe('storing', () => storing(store));
    describe('extending', () => extending(store));
    describe('deleting', () => deleting(store));
  });
}
