import { bad, type Check, good } from '../policy/diagnosis.ts';
import { DEFAULT_REALM } from '../policy/limits.ts';
import { policyWords } from '../policy/policy-words.ts';
import { policyOf } from '../policy/realm-policy.ts';
import { hasCode, type SessionPolicies, type SessionPolicy } from '../types/index.ts';

/**
 * What counts in each realm, one line for each policy; or what contradicts itself.
 * @param read - Reads the policies; what it throws as a wrong configuration is told.
 */
export function examinePolicies(read: () => SessionPolicies): Check[] {
  try {
    const policies = read();
    const realms = new Set([DEFAULT_REALM, ...Object.keys(policies.realms)]);
    return [...realms].flatMap((realm) => {
      const policy = policyOf(policies, realm);
      const roles = Object.entries(policy.roles).map(([role, own]) =>
        told(`${realm} ${role}`, own),
      );
      return [told(realm, policy), ...roles];
    });
  } catch (error) {
    if (!(error instanceof Error && hasCode(error, 'CONFIGURATION_INVALID'))) throw error;
    return [bad('policy', error.message, 'correct SESSION_REALMS or SESSION_ABSOLUTE_TIMEOUT')];
  }
}

function told(whose: string, policy: SessionPolicy): Check {
  const words = policyWords(policy).map((word) => word.join(' '));
  return good(`policy ${whose}`, words.join(', '));
}
