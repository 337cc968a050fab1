import { keyNames, withNames } from '../src/policy/key-names.ts';

/** A deployment of the tests, and another one beside it. */
export const NAMES = keyNames({ system: '1', database: 'ours', schema: 'sessions', era: 0 });
export const THEIRS = keyNames({ system: '1', database: 'theirs', schema: 'sessions', era: 0 });

export const OURS = withNames(NAMES);

/** Sessions' keys are named alike in every deployment. */
export const sessionKey = NAMES.session;
