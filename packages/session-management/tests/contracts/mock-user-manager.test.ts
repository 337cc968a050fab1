import { createUserManager } from '@repo/exchange-core';
import { MockUserManagerWrapper } from '../../src/managers/mock-user-manager-wrapper.ts';
import { describeUserManager, manualClock, STAGE_POLICIES } from '../../src/testing.ts';

describeUserManager('MockUserManagerWrapper', async () => {
  const clock = manualClock();
  const manager = new MockUserManagerWrapper(createUserManager(), {
    clock,
    policies: STAGE_POLICIES,
  });
  return {
    manager,
    otherRealm: manager.forRealm('admin'),
    elapse: async (ms) => clock.advance(ms),
    close: () => manager.close(),
  };
});
