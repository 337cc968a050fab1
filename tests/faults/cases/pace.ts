import { setTimeout as delay } from 'node:timers/promises';

/** Does it so many times, with a short breath after each. */
export async function again(times: number, work: () => Promise<void>): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await work();
    await delay(150);
  }
}
