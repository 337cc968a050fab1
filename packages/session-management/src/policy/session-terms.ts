import type {
  ByRole,
  NewSession,
  RealmPolicy,
  SessionPolicy,
  SessionTerms,
} from '../types/index.ts';
import { byRole } from './realm-policy.ts';
import { extensionOf, lifeOfNew } from './renewal.ts';

/** What a log-in with this ttl is given, by the realm and by each role that has rules of its own. */
export function termsOfNew(
  policy: RealmPolicy,
  ttlMs: number,
): SessionTerms & Pick<NewSession, 'termsOfRole'> {
  const terms = (rules: SessionPolicy): SessionTerms => ({
    ...lifeOfNew(rules, ttlMs),
    limit: rules.limit,
  });
  return { ...terms(policy), termsOfRole: byRole(policy, terms) };
}

/** How far ahead `extendSession` with this ttl sets an end, and where the user's role says otherwise. */
export function termsOfExtension(
  policy: RealmPolicy,
  ttlMs: number,
): [ttlMs: number, ttlOfRole: ByRole<number>] {
  const terms = (rules: SessionPolicy): number => extensionOf(rules, ttlMs);
  return [terms(policy), byRole(policy, terms)];
}
