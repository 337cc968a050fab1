import { bad, type Check, good, poor } from './diagnosis.ts';
import { LIMITS } from './limits.ts';

/** How far a store's clock is ahead of this machine's, give or take. In milliseconds. */
export interface ClockReading {
  of: string;
  ahead: number;
  /** Half of the round trip that it was read in. */
  blur: number;
}

const MACHINE: ClockReading = { of: 'this machine', ahead: 0, blur: 0 };

/** Every clock against every other. What a round trip may hide does not count. */
export function judgeClocks(stores: readonly ClockReading[]): Check {
  const clocks = [...stores, MACHINE];
  const apart = widest(clocks);
  if (apart <= LIMITS.FUTURE) {
    return good('clocks', `${clocks.map(({ of }) => of).join(', ')}: within 1 s of each other`);
  }
  const isOurs = stores.length > 1 && widest(stores) <= LIMITS.FUTURE;
  const judge = apart > LIMITS.F ? bad : poor;
  return judge(
    'clocks',
    `against this machine: ${stores.map(said).join(', ')}`,
    `let NTP (chrony, systemd-timesyncd) set the clock of ${isOurs ? MACHINE.of : 'the one that is off'}`,
  );
}

/** How far the two that are furthest apart are so at least. */
function widest(clocks: readonly ClockReading[]): number {
  return Math.max(
    ...clocks.flatMap((one) =>
      clocks.map((other) => Math.abs(one.ahead - other.ahead) - one.blur - other.blur),
    ),
  );
}

function said({ ahead, of }: ClockReading): string {
  const seconds = (Math.abs(ahead) / 1_000).toFixed(1);
  return `${of} is ${seconds} s ${ahead < 0 ? 'behind' : 'ahead'}`;
}
