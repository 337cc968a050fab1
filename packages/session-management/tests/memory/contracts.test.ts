import { MemoryAttemptStore } from '../../src/adapters/memory-attempt-store.ts';
import { MemorySessionAdapter } from '../../src/adapters/memory-session-adapter.ts';
import { MemoryUserCopies } from '../../src/adapters/memory-user-copies.ts';
import {
  describeAttemptStore,
  describeSessionAdapter,
  describeSessionCopies,
  describeSessionRecords,
  describeUserCopies,
  describeUserRecords,
  manualClock,
} from '../../src/testing.ts';
import { memoryStage } from './stage.ts';

function onManualClock() {
  const clock = manualClock();
  return {
    clock,
    now: clock.now,
    elapse: async (ms: number) => clock.advance(ms),
    close: async () => undefined,
  };
}

describeSessionAdapter('MemorySessionAdapter', async () => {
  const stage = onManualClock();
  return { ...stage, adapter: new MemorySessionAdapter(stage.clock) };
});

describeSessionCopies('MemorySessionAdapter', async () => {
  const stage = onManualClock();
  return { ...stage, copies: new MemorySessionAdapter(stage.clock) };
});

describeUserCopies('MemoryUserCopies', async () => {
  const stage = onManualClock();
  return { ...stage, copies: new MemoryUserCopies(stage.clock) };
});

describeSessionRecords('MemorySessionRecords', async () => memoryStage());

describeUserRecords('MemoryUserAdapter', async () => memoryStage());

describeAttemptStore('MemoryAttemptStore', async () => {
  const stage = onManualClock();
  return { ...stage, store: new MemoryAttemptStore(stage.clock) };
});
