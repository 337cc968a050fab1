import { getSessionState } from '@repo/session-management/next';
import { cache } from 'react';
import { webEnvironment } from '../env.ts';

/** Who looks at this page. One render asks once, however many components want to know. */
export const currentSession = cache(() => getSessionState(webEnvironment().cookie));
