import { UserRole } from '@repo/exchange-core';
import { z } from 'zod';
import { derivePolicy, type PolicyGiven } from '../policy/derive-policy.ts';
import { durationToMs } from '../policy/duration.ts';
import { PRESET_NAMES, PRESETS } from '../policy/presets.ts';
import { BINDING_MODES, DEFAULT_POLICY, LIMIT_RULES, REALM_NAME } from '../policy/realm-policy.ts';
import {
  ConfigurationInvalidError,
  type PresetName,
  type RealmPolicy,
  type RememberRule,
  type SessionPolicies,
  type SessionPolicy,
} from '../types/index.ts';

const duration = z.union([z.number(), z.string()]).transform(durationToMs).pipe(z.number());

const policyWords = z.strictObject({
  preset: z.enum(PRESET_NAMES).optional(),
  absoluteTimeout: duration.optional(),
  idleTimeout: duration.optional(),
  updateAge: duration.optional(),
  rememberMe: z
    .union([z.boolean(), z.strictObject({ short: duration, long: duration })])
    .optional(),
  freshFor: duration.optional(),
  maxSessions: z.int().min(1).max(10_000).optional(),
  atLimit: z.enum(LIMIT_RULES).optional(),
  bindAddress: z.enum(BINDING_MODES).optional(),
  bindAgent: z.enum(BINDING_MODES).optional(),
});

const role = policyWords.refine(hasLimitToRule).transform(optionOf);

const realm = policyWords
  .extend({ roles: z.partialRecord(z.enum(UserRole), role).optional() })
  .refine(hasLimitToRule)
  .transform(({ roles = {}, ...own }) => ({ own: optionOf(own), roles }));

type PolicyWords = z.output<typeof policyWords>;

/** What is given, and what it is measured from instead of the policy around it. */
export interface PolicyOption {
  given: PolicyGiven;
  preset: PresetName | undefined;
}

function hasLimitToRule({ atLimit, maxSessions }: PolicyWords): boolean {
  return atLimit === undefined || maxSessions !== undefined;
}

function optionOf({ preset, ...own }: PolicyWords): PolicyOption {
  return { given: givenOf(own), preset };
}

function givenOf({
  atLimit = 'end-oldest',
  maxSessions,
  rememberMe,
  bindAddress,
  bindAgent,
  ...times
}: Omit<PolicyWords, 'preset'>): PolicyGiven {
  return {
    absoluteMs: times.absoluteTimeout,
    idleMs: times.idleTimeout,
    updateAgeMs: times.updateAge,
    remember: rememberMe === undefined ? undefined : rememberRule(rememberMe),
    freshForMs: times.freshFor,
    limit: maxSessions === undefined ? undefined : { most: maxSessions, rule: atLimit },
    bindAddress,
    bindAgent,
  };
}

/** What `SESSION_REALMS` takes: an object by the name of the realm, or the same as JSON. */
export const realmsSchema = z
  .union([z.string().transform(parsed), z.looseObject({})])
  .pipe(z.record(z.string().regex(REALM_NAME), realm));

export type RealmsGiven = z.output<typeof realmsSchema>;

/**
 * The policy of every realm, from the options of all of them and of each.
 * @throws {ConfigurationInvalidError} naming the realm and what contradicts itself in it.
 */
export function policiesOf(absoluteMs: number | undefined, given: RealmsGiven): SessionPolicies {
  const standard = {
    ...derived(
      'SESSION_ABSOLUTE_TIMEOUT',
      { given: { absoluteMs }, preset: undefined },
      DEFAULT_POLICY,
    ),
    roles: DEFAULT_POLICY.roles,
  };
  const realms = Object.entries(given).map(
    ([name, own]) => [name, realmPolicy(`SESSION_REALMS: ${name}`, own, standard)] as const,
  );
  return { standard, realms: Object.fromEntries(realms) };
}

function realmPolicy(
  where: string,
  { own, roles }: RealmsGiven[string],
  standard: SessionPolicy,
): RealmPolicy {
  const policy = derived(where, own, standard);
  const ofRoles = Object.entries(roles).map(
    ([name, given]) =>
      [name, derived(`${where}, role ${name},`, given ?? optionOf({}), policy)] as const,
  );
  return Object.freeze({ ...policy, roles: Object.freeze(Object.fromEntries(ofRoles)) });
}

/** A preset lengthens nothing: what it is laid over may be stricter. */
function derived(
  where: string,
  { given, preset }: PolicyOption,
  around: SessionPolicy,
): SessionPolicy {
  const base = preset === undefined ? around : PRESETS[preset];
  const { absoluteMs = Math.min(around.absoluteMs, base.absoluteMs) } = given;
  const result = derivePolicy({ ...given, absoluteMs }, base);
  if ('policy' in result) return result.policy;
  throw new ConfigurationInvalidError(`${where} has ${result.contradiction}`);
}

function rememberRule(given: boolean | { short: number; long: number }): RememberRule {
  if (typeof given === 'boolean') return given ? 'always' : 'never';
  return Object.freeze({ shortMs: given.short, longMs: given.long });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
