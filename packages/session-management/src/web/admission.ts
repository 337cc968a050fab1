import type { SafeUser, Session, SessionManagerInterface } from '../types/index.ts';
import { refusal } from './trpc-errors.ts';

/** What a guard looks at. Any of it may be missing: whoever serves a procedure decides what its context is. */
export interface Presented {
  sessionStatus?: 'active' | 'none' | 'unavailable' | undefined;
  user?: SafeUser | null | undefined;
  session?: Session | null | undefined;
  sessionId?: string | null | undefined;
  sessions?: Partial<Pick<SessionManagerInterface, 'validateSession'>> | undefined;
}

export interface Admitted {
  user: SafeUser;
  session: Session;
}

/**
 * Who is signed in by this context. Fails closed (OWASP ASVS 5, 16.5.3): nobody is, unless the context
 * says `active` and names a session and the very user whose session it is.
 *
 * A procedure can be served with a context that its types do not promise, such as that of another
 * router, so nothing here takes "not null" for "there".
 */
export function admit(context: Presented | null | undefined): Admitted {
  if (context?.sessionStatus === 'unavailable') {
    throw refusal('SERVICE_UNAVAILABLE', 'STORE_UNAVAILABLE');
  }
  const { user, session } = context?.sessionStatus === 'active' ? context : nothing;
  if (!user?.id || !session?.id || session.userId !== user.id) throw unauthorized();
  return { user, session };
}

/** As {@link admit}, by what PostgreSQL says now of a user who has just proved who they are. */
export async function admitFresh(context: Presented | null | undefined): Promise<Admitted> {
  const found = await context?.sessions?.validateSession?.(context.sessionId ?? '', {
    fresh: true,
  });
  if (found?.status !== 'active') throw unauthorized();
  return admit({ sessionStatus: 'active', user: found.user, session: found.session });
}

const nothing: Presented = {};

const unauthorized = () => refusal('UNAUTHORIZED', 'UNAUTHORIZED');
