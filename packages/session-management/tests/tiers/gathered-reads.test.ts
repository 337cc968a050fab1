import { beforeEach, describe, expect, it } from 'vitest';
import { GatheredReads } from '../../src/tiers/gathered-reads.ts';

let sent: string[][];
let answer: (args: string[]) => Promise<unknown>;
let reads: GatheredReads;

beforeEach(() => {
  sent = [];
  answer = async ([command, ...keys]) =>
    command === 'MGET' ? keys.map((key) => `value of ${key}`) : `value of ${keys[0]}`;
  reads = new GatheredReads({
    sendCommand: (args) => {
      sent.push(args);
      return answer(args);
    },
  });
});

const get = (key: string): Promise<unknown> => reads.sendCommand(['GET', key]);

describe('reads that travel together', () => {
  it('become one command, and each caller gets its own', async () => {
    const values = await Promise.all([get('a'), get('b'), get('a'), get('c')]);
    expect(values).toEqual(['value of a', 'value of b', 'value of a', 'value of c']);
    expect(sent).toEqual([['MGET', 'a', 'b', 'c']]);
  });

  it('is a plain read when it is alone', async () => {
    expect(await get('a')).toBe('value of a');
    expect(sent).toEqual([['GET', 'a']]);
  });

  it('is not joined once it is sent: each answer was read after its question', async () => {
    const early = get('a');
    await new Promise((resolve) => setImmediate(resolve));
    const late = get('a');
    await Promise.all([early, late]);
    expect(sent).toEqual([
      ['GET', 'a'],
      ['GET', 'a'],
    ]);
  });

  it('is bounded: 1,000 at once are several commands', async () => {
    const keys = Array.from({ length: 1_000 }, (_, n) => `key-${n}`);
    expect(await Promise.all(keys.map(get))).toEqual(keys.map((key) => `value of ${key}`));
    expect(sent.map((args) => args.length - 1)).toEqual([200, 200, 200, 200, 200]);
  });

  it('fails together, and only those', async () => {
    answer = () => Promise.reject(new Error('gone'));
    const failed = await Promise.allSettled([get('a'), get('b')]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    answer = async () => 'value';
    expect(await get('a')).toBe('value');
  });

  it.each([
    ['too few', async () => ['one']],
    ['too many', async () => ['one', 'two', 'three']],
    ['something else', async () => 'OK'],
  ])('believes no reply of %s values', async (_what, wrong) => {
    answer = wrong;
    await expect(Promise.all([get('a'), get('b')])).rejects.toThrow('MGET of 2 keys');
  });

  it('leaves every other command as it is', async () => {
    await Promise.all([reads.sendCommand(['SET', 'a', 'b']), reads.sendCommand(['DEL', 'a'])]);
    expect(sent).toEqual([
      ['SET', 'a', 'b'],
      ['DEL', 'a'],
    ]);
  });
});
