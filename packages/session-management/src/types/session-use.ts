import type { UserRole } from '@repo/exchange-core';
import type { SessionCopy } from './records.ts';

/** A session in use, as its copy says: what tells whether the record must hear of it. */
export interface SessionUse
  extends Pick<
    SessionCopy,
    'handle' | 'realm' | 'createdAt' | 'expiresAt' | 'absoluteExpiresAt' | 'version'
  > {
  role: UserRole;
}
