import { afterEach, beforeEach, describe } from 'vitest';
import { stageOf, type UserManagerHarness } from './manager-stage.ts';
import { bindings } from './user-manager-binding.ts';
import { devices } from './user-manager-devices.ts';
import { endingSessions } from './user-manager-ending.ts';
import { tellingEvents } from './user-manager-events.ts';
import { impersonating } from './user-manager-impersonation.ts';
import { limits, policies, proving } from './user-manager-policy.ts';
import { renewing } from './user-manager-renewing.ts';
import { roles } from './user-manager-roles.ts';
import { endingRotated } from './user-manager-rotated.ts';
import { rotatingSessions } from './user-manager-rotating.ts';
import { sessionVerbs } from './user-manager-sessions.ts';
import { throttling } from './user-manager-throttling.ts';
import { throttlingNetworks } from './user-manager-throttling-networks.ts';
import { userVerbs } from './user-manager-users.ts';

/** The promises that every {@link UserManager} makes. Run it against each implementation. */
export function describeUserManager(name: string, open: () => Promise<UserManagerHarness>): void {
  describe(`${name} keeps the UserManager promises`, () => {
    let harness: UserManagerHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const stage = stageOf(() => harness);
    describe('users', () => userVerbs(stage));
    describe('sessions', () => sessionVerbs(stage));
    describe('policy', () => policies(stage));
    describe('idle timeout', () => renewing(stage));
    describe('roles', () => roles(stage));
    describe('limits', () => limits(stage));
    describe('proving who they are', () => proving(stage));
    describe('binding', () => bindings(stage));
    describe('devices', () => devices(stage));
    describe('impersonation', () => impersonating(stage));
    describe('rotating', () => rotatingSessions(stage));
    describe('ending what was rotated', () => endingRotated(stage));
    describe('ending sessions', () => endingSessions(stage));
    describe('events', () => tellingEvents(stage));
    describe('throttling', () => throttling(stage));
    describe('throttling by network', () => throttlingNetworks(stage));
  });
}
