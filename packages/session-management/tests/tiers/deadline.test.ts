import { readFile } from 'node:fs';
import { expect, it } from 'vitest';
import { within } from '../../src/tiers/deadline.ts';

/** An answer that the system delivers while this process is busy. */
const delivered = (): Promise<string> =>
  new Promise((resolve, reject) => {
    readFile(import.meta.filename, 'utf8', (error) => (error ? reject(error) : resolve('came')));
  });

function beBusy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

const whileBusy = async (answer: Promise<string>): Promise<string> => {
  const waiting = within(20, 'redis', 'get', answer);
  beBusy(100);
  return waiting;
};

it('takes an answer that arrived in time and waited for this process', async () => {
  const first = new Promise<string>((resolve) => setImmediate(() => resolve('came')));
  await expect(whileBusy(first)).resolves.toBe('came');
});

it('gives up what does not come, and says so once', async () => {
  let late = 0;
  const never = new Promise<string>(() => undefined);
  const call = within(5, 'redis', 'get', never, () => {
    late += 1;
  });
  await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', store: 'redis' });
  expect(late).toBe(1);
});

it('does not give up what has come: nothing is late then', async () => {
  let late = 0;
  const call = within(5_000, 'redis', 'get', delivered(), () => {
    late += 1;
  });
  await expect(call).resolves.toBe('came');
  expect(late).toBe(0);
});
