import { createUserManager } from '@repo/exchange-core';
import { MockUserManagerWrapper } from '../../src/managers/mock-user-manager-wrapper.ts';
import { describeUserManager, manualClock, STAGE_POLICIES } from '../../src/testing.ts';
import type { SessionEvent } from '../../src/types/index.ts';

describeUserManager('MockUserManagerWrapper', async () => {
  const clock = manualClock();
  const told: SessionEvent[] = [];
  const manager = new MockUserManagerWrapper(createUserManager(), {
    clock,
    policies: STAGE_POLICIES,
    onEvent: (event) => void told.push(event),
  });
  return {
    manager,
    otherRealm: manager.forRealm('admin'),
    idleRealm: manager.forRealm('kiosk'),
    told,
    elapse: async (ms) => clock.advance(ms),
    close: () => manager.close(),
  };
});
