import { expect, it } from 'vitest';
import type { SessionEvent, UserManager } from '../types/index.ts';
import type { ManagerStage } from './manager-stage.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0';
const UPDATED = 'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const HERE = { ip: '2001:db8:1:2::7', userAgent: FIREFOX };

/** The other realm hears of other addresses and refuses other browsers and systems. */
export function bindings({ harness, manager, user }: ManagerStage): void {
  const open = async (realm: UserManager, metadata = HERE) => {
    const sessionId = await realm.createSession((await user()).id, metadata, 60);
    return async (origin: Partial<typeof HERE>): Promise<string> => {
      const found = await realm.validateSession(sessionId, { metadata: origin });
      return found.status === 'active' ? 'active' : found.reason;
    };
  };
  const mismatches = (): SessionEvent[] =>
    harness().told.filter(({ kind }) => kind === 'binding-mismatch');

  it('serves a request from the same network and of the same browser, whatever its version', async () => {
    const from = await open(harness().otherRealm);
    for (const ip of [HERE.ip, '2001:db8:1:2:ffff::1']) {
      expect(await from({ ip, userAgent: UPDATED })).toBe('active');
    }
    expect(mismatches()).toEqual([]);
  });

  it('tells of another network once for each, and serves it', async () => {
    const from = await open(harness().otherRealm);
    for (const ip of [
      '203.0.113.9',
      '2001:db8:1:3::7',
      '::ffff:203.0.113.9',
      '203.0.113.9',
      HERE.ip,
    ]) {
      expect(await from({ ip })).toBe('active');
    }
    await expect.poll(() => mismatches().length).toBe(2);
    expect(mismatches()[0]).toMatchObject({
      part: 'address',
      realm: 'admin',
      refused: false,
      expected: '2001:db8:1:2::/64',
      got: '203.0.113.9',
    });
  });

  it('refuses another browser as unknown, tells of it, and goes on for its own', async () => {
    const from = await open(harness().otherRealm);
    for (const userAgent of [SAFARI, '', 'curl/8.5.0'])
      expect(await from({ userAgent })).toBe('unknown');

    expect(await from(HERE)).toBe('active');
    await expect.poll(() => mismatches().length).toBe(2);
    expect(
      mismatches().map((event) => 'got' in event && [event.part, event.refused, event.got]),
    ).toEqual([
      ['agent', true, 'Safari on iOS'],
      ['agent', true, 'Unknown device'],
    ]);
    expect(JSON.stringify(mismatches())).not.toContain('Mozilla');
  });

  it('compares neither what is not said, nor what the log-in did not know', async () => {
    const from = await open(harness().otherRealm);
    expect(await from({})).toBe('active');
    const unknown = await open(harness().otherRealm, { ip: '0.0.0.0', userAgent: '' });
    expect(await unknown({ ip: '203.0.113.9', userAgent: SAFARI })).toBe('active');
    expect(mismatches()).toEqual([]);
  });

  it('compares nothing in a realm that does not ask for it', async () => {
    const from = await open(manager());
    expect(await from({ ip: '203.0.113.9', userAgent: SAFARI })).toBe('active');
    expect(mismatches()).toEqual([]);
  });
}
