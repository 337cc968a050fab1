import { expect, it } from 'vitest';
import { faulty, gated, manualClock } from '../../src/testing.ts';

class Counter {
  #count = 0;
  readonly unit = 'calls';

  async add(by: number): Promise<number> {
    this.#count += by;
    return this.#count;
  }

  async read(): Promise<number> {
    return this.#count;
  }
}

it('breaks chosen methods before they reach the port, and heals', async () => {
  const { breakDown, heal, port } = faulty(new Counter(), new Error('down'));
  expect(await port.add(1)).toBe(1);

  breakDown('add');
  await expect(port.add(1)).rejects.toThrow('down');
  expect(await port.read()).toBe(1);
  heal();
  expect(await port.add(1)).toBe(2);
});

it('breaks every method when none is named', async () => {
  const { breakDown, port } = faulty(new Counter(), new Error('down'));
  breakDown();

  await expect(port.add(1)).rejects.toThrow('down');
  await expect(port.read()).rejects.toThrow('down');
  expect(port.unit).toBe('calls');
});

it('holds one call until it is released, while others pass', async () => {
  const { hold, port, release } = gated(new Counter(), 'add');
  const held = hold();
  const first = port.add(1);
  await held;

  expect(await port.add(10)).toBe(10);
  expect(await port.read()).toBe(10);
  release();
  expect(await first).toBe(11);
});

it('turns its clock only when told', () => {
  const clock = manualClock(1_000);
  clock.advance(500);

  expect(clock.now()).toBe(1_500);
});
