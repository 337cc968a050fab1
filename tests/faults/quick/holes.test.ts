import { describe, expect, it } from 'vitest';
import { patchedBuild } from '../holes/build.ts';
import { HOLES } from '../holes/holes.ts';

describe('each known hole', () => {
  it.each(HOLES)('can still be put back: $title', async ({ patches, without = [] }) => {
    const built = patchedBuild([...without, ...patches]);
    await expect(built.then(({ remove }) => remove())).resolves.toBeUndefined();
  });
});
