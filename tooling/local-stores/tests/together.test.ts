import { expect, it, vi } from 'vitest';
import { settleIn, startTogether } from '../src/store.ts';

const store = () => ({ close: vi.fn(() => Promise.resolve()) });

it('hands over what was started together', async () => {
  const [one, other] = [store(), store()];
  const both = await startTogether([Promise.resolve(one), Promise.resolve(other)]);
  expect(both).toEqual([one, other]);
  expect(one.close).not.toHaveBeenCalled();
});

it('closes what was started beside a start that failed', async () => {
  const one = store();
  const starts = [Promise.resolve(one), Promise.reject(new Error('no port'))];
  await expect(startTogether(starts)).rejects.toThrow('no port');
  expect(one.close).toHaveBeenCalledOnce();
});

it('closes what was started before a step that failed', async () => {
  const [one, other] = [store(), store()];
  const failing = settleIn([one, other], () => Promise.reject(new Error('no answer')));
  await expect(failing).rejects.toThrow('no answer');
  expect(one.close).toHaveBeenCalledOnce();
  expect(other.close).toHaveBeenCalledOnce();
});
