import { createUserManager } from '@repo/exchange-core';
import { MockUserManagerWrapper } from '../../src/managers/mock-user-manager-wrapper.ts';
import { describeUserManager, manualClock } from '../../src/testing.ts';

describeUserManager('MockUserManagerWrapper', async () => {
  const clock = manualClock();
  const manager = new MockUserManagerWrapper(createUserManager(), { clock });
  return {
    manager,
    otherRealm: manager.forRealm('admin'),
    elapse: async (ms) => clock.advance(ms),
    close: () => manager.close(),
  };
});
