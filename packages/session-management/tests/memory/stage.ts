import { createUserManager } from '@repo/exchange-core';
import { MemoryDatabase } from '../../src/adapters/memory-database.ts';
import { MemorySessionRecords } from '../../src/adapters/memory-session-records.ts';
import { MemoryUserAdapter } from '../../src/adapters/memory-user-adapter.ts';
import { manualClock } from '../../src/testing.ts';
import { newHandle } from '../../src/utils/random.ts';

/** An empty record in memory, on a clock that the test turns. */
export function memoryStage() {
  const clock = manualClock();
  const domain = createUserManager();
  const database = new MemoryDatabase(domain, clock);

  return {
    clock,
    domain,
    database,
    records: new MemorySessionRecords(database),
    users: new MemoryUserAdapter(database, newHandle),
    now: clock.now,
    elapse: async (ms: number) => clock.advance(ms),
    removeUser: async (id: string) => void (await domain.delete(id)),
    close: async () => undefined,
  };
}
