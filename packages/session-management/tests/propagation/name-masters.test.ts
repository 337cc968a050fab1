import { beforeEach, describe, expect, it } from 'vitest';
import { nameMasters } from '../../src/propagation/name-masters.ts';

type Said = ['keepOnly' | 'name', string, readonly string[]];

let said: Said[];
/** Lets a statement commit. */
let commits: (() => void)[];

beforeEach(() => {
  said = [];
  commits = [];
});

const statement = (verb: Said[0]) => (owner: string, masters: readonly string[]) => {
  said.push([verb, owner, masters]);
  return new Promise<void>((resolve) => commits.push(resolve));
};
const names = { keepOnly: statement('keepOnly'), name: statement('name') };
const settled = () => new Promise((resolve) => setImmediate(resolve));
const named = (...masters: string[]) => new Map(masters.map((master) => [master, 0]));

/** Commits whatever is said. */
async function all(naming: Promise<boolean>): Promise<boolean> {
  await settled();
  commits.shift()?.();
  await settled();
  commits.shift()?.();
  return await naming;
}

describe('naming masters', () => {
  it('takes the old name out, and names the new one only when that has committed', async () => {
    const naming = nameMasters(names, 'a', named('old'), { isAll: true, names: ['new'] });
    await settled();
    expect(said).toEqual([['keepOnly', 'a', ['new']]]);
    commits[0]?.();
    await settled();
    expect(said).toEqual([
      ['keepOnly', 'a', ['new']],
      ['name', 'a', ['new']],
    ]);
    commits[1]?.();
    expect(await naming).toBe(true);
  });

  it('names nothing where the old name could not be taken out', async () => {
    const keepOnly = () => Promise.reject(new Error('not committed'));
    const present = { isAll: true, names: ['new'] };
    await expect(nameMasters({ ...names, keepOnly }, 'a', named(), present)).rejects.toThrow(
      'not committed',
    );
    expect(said).toEqual([]);
  });

  it.each([true, false])(
    'says nothing where all that are met are named and no other (all met: %s)',
    async (isAll) => {
      const present = { isAll, names: ['b', 'a'] };
      expect(await nameMasters(names, 'a', named('a', 'b'), present)).toBe(false);
      expect(said).toEqual([]);
    },
  );

  it('takes out who is not met any more, though all others are named', async () => {
    const naming = nameMasters(names, 'a', named('a', 'b'), { isAll: true, names: ['a'] });
    expect(await all(naming)).toBe(true);
    expect(said[0]).toEqual(['keepOnly', 'a', ['a']]);
  });

  it('says nothing of who is only out of sight', async () => {
    expect(await nameMasters(names, 'a', named('a', 'b'), { isAll: false, names: ['a'] })).toBe(
      false,
    );
    expect(said).toEqual([]);
  });

  it('takes no name away while one is out of sight, and names who is met', async () => {
    await all(nameMasters(names, 'a', named('a', 'b'), { isAll: false, names: ['b', 'c'] }));
    const [kept, added] = said;
    expect(new Set(kept?.[2])).toEqual(new Set(['a', 'b', 'c']));
    expect(added).toEqual(['name', 'a', ['b', 'c']]);
  });
});
