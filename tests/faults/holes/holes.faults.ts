import { describe, expect, it } from 'vitest';
import { withBuild } from './build.ts';
import { SLOW } from './holes.ts';
import { AGELESS_USER } from './patches.ts';
import { onStage, playHoles } from './play.ts';
import { roleAfterLostChange, STALE_USER } from './stale-user.ts';

playHoles(SLOW);

// No rule of the checker knows of roles; of ends, the session's own age tells as much.
describe('a copy of a user that may be of any age', () => {
  it('tells the new role after F while it is closed', async () => {
    expect(await onStage(STALE_USER, roleAfterLostChange)).toBe('ADMIN');
  });

  it('tells the old role after F when it is put back', async () => {
    const told = await withBuild(AGELESS_USER, (packageFolder) =>
      onStage({ ...STALE_USER, packageFolder }, roleAfterLostChange),
    );
    expect(told).toBe('USER');
  });
});
