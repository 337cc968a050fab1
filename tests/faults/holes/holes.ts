import type { Rule } from '../harness/history.ts';
import type { Patch } from './build.ts';
import * as carrier from './carrier-patches.ts';
import * as carrying from './carrier-scenarios.ts';
import * as connections from './connection-patches.ts';
import * as copies from './copy-scenarios.ts';
import * as dumps from './dump-scenarios.ts';
import * as masters from './master-scenarios.ts';
import { replyBesideNews } from './near-scenarios.ts';
import * as patches from './patches.ts';
import * as record from './record-scenarios.ts';
import type { Scenario } from './scenario.ts';

/** A known mistake, and the rules that must see it. */
export interface Hole {
  title: string;
  patches: Patch[];
  /** Another safeguard, taken away in both builds: it alone would hide the hole. */
  without?: Patch[];
  scenario: Scenario;
  rules: Rule[];
  /** Played with `--long` alone: it may go unnoticed where the machine is busy. */
  isLong?: boolean;
}

export const HOLES: Hole[] = [
  {
    title: 'an outage answered as "unknown"',
    patches: patches.SWALLOWED_OUTAGE,
    scenario: record.noStore,
    rules: ['A-1'],
  },
  {
    title: 'a process that forgets what it ended',
    patches: patches.FORGETS_ENDS,
    scenario: copies.endWithoutRedis,
    rules: ['S-1'],
  },
  {
    title: 'a reply given to the next question',
    patches: connections.MIXED_REPLIES,
    scenario: copies.lostReply,
    rules: ['S-4'],
  },
  {
    title: 'a near copy without a lease',
    patches: connections.NO_LEASE,
    scenario: replyBesideNews,
    rules: ['S-1'],
  },
  {
    title: 'a copy that counts past its time',
    patches: patches.EXPIRED_COPY,
    scenario: record.copyPastItsTime,
    rules: ['S-2'],
  },
  {
    title: 'an end without a tombstone',
    patches: patches.NO_TOMBSTONE,
    scenario: copies.endInHealth,
    rules: ['S-1'],
  },
  {
    title: 'a fill without a version',
    patches: patches.UNVERSIONED_FILL,
    scenario: copies.lateFill,
    rules: ['S-1'],
  },
  {
    title: 'a statement that is joined when it is under way',
    patches: patches.JOINED_FLIGHT,
    scenario: record.flightUnderWay,
    rules: ['S-5'],
  },
  {
    title: 'a master that is believed without proof',
    patches: connections.BLIND_TRUST,
    scenario: dumps.olderDump,
    rules: ['S-1'],
  },
  {
    title: 'a session that counts beside any version of its user',
    patches: patches.UNEQUAL_VERSIONS,
    scenario: copies.endAllInHealth,
    rules: ['S-1'],
  },
  {
    title: 'a user of another version, whose key has no date of its own',
    patches: patches.UNEQUAL_VERSIONS,
    scenario: copies.lostRole,
    rules: ['P-2'],
  },
  {
    title: 'writes that wait for a connection and are sent when it is back',
    patches: connections.REPLAYED_QUEUE,
    without: patches.UNVERSIONED_FILL,
    scenario: copies.fillWithoutLink,
    rules: ['S-1'],
  },
  {
    title: 'a lock that is held while Redis is written',
    patches: carrier.LOCK_ACROSS_REDIS,
    scenario: carrying.carrierStuck,
    rules: ['A-2'],
  },
  {
    title: 'a copy from before its master counted, which is believed',
    patches: carrier.NO_SINCE,
    scenario: dumps.olderDumpHeard,
    rules: ['S-1'],
  },
  {
    title: 'a master that is named in the statement that takes the old one out',
    patches: carrier.ONE_STATEMENT,
    scenario: masters.slowNaming,
    rules: ['S-1'],
  },
  {
    title: 'a row that is deleted for a master that counts no more',
    patches: carrier.DELETE_BLIND,
    scenario: masters.endOnOldSide,
    rules: ['S-1'],
  },
  {
    title: 'a master that is named without the lease',
    patches: carrier.NO_LEASE,
    scenario: masters.twoSides,
    rules: ['A-2'],
  },
  {
    title: 'a master that is asked for its name once a connection',
    patches: carrier.ASKED_ONCE,
    scenario: masters.thereAndBack,
    rules: ['S-1'],
  },
  {
    title: 'a look that leaves out what was in progress',
    patches: carrier.FROM_THE_LATEST,
    scenario: carrying.lateCommit,
    rules: ['S-1'],
  },
  {
    title: 'masters that a process heard of before it was stopped',
    // A race against the clocks of two processes.
    isLong: true,
    patches: carrier.HEARD_IN_SLEEP,
    scenario: masters.asleep,
    rules: ['S-1'],
  },
  {
    title: 'a cookie for a session that was never stored',
    patches: patches.COOKIE_FOR_NOTHING,
    scenario: record.logInWithoutRecord,
    rules: ['A-1', 'D-1'],
  },
  {
    title: 'copies dated an hour ahead',
    patches: patches.OWN_CLOCK,
    scenario: record.copiesAlone,
    rules: ['A-2'],
  },
  {
    title: 'copies dated an hour ahead, and believed',
    patches: patches.TRUSTED_OWN_CLOCK,
    scenario: copies.lostTombstone,
    rules: ['S-1'],
  },
];
