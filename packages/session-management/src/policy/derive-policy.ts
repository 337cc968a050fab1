import type {
  BindingMode,
  IdleRule,
  RememberChoice,
  RememberRule,
  SessionBinding,
  SessionLimit,
  SessionPolicy,
} from '../types/index.ts';

/** A policy as somebody writes it down: what is not given is as elsewhere. In milliseconds. */
export interface PolicyGiven {
  absoluteMs?: number | undefined;
  idleMs?: number | undefined;
  updateAgeMs?: number | undefined;
  remember?: RememberRule | undefined;
  freshForMs?: number | undefined;
  limit?: SessionLimit | undefined;
  bindAddress?: BindingMode | undefined;
  bindAgent?: BindingMode | undefined;
}

/**
 * A policy from what is given, the rest from `base`. A default gives way where it does not fit.
 * Answers in words what contradicts itself.
 */
export function derivePolicy(
  given: PolicyGiven,
  base: SessionPolicy,
): { policy: SessionPolicy } | { contradiction: string } {
  const absoluteMs = given.absoluteMs ?? base.absoluteMs;
  const policy: SessionPolicy = {
    absoluteMs,
    idle: idleOf(given, base.idle, absoluteMs),
    remember: given.remember ?? fitted(base.remember, absoluteMs),
    freshForMs: given.freshForMs ?? Math.min(base.freshForMs, absoluteMs),
    limit: given.limit ?? base.limit,
    binding: bindingOf(given, base.binding),
  };
  const contradiction = contradictionIn(policy, given);
  return contradiction === undefined ? { policy: Object.freeze(policy) } : { contradiction };
}

function contradictionIn(policy: SessionPolicy, given: PolicyGiven): string | undefined {
  const { absoluteMs, freshForMs, idle } = policy;
  const { remember, updateAgeMs } = given;
  const choice = typeof remember === 'object' ? remember : null;
  const rules: [boolean, string][] = [
    [freshForMs > absoluteMs, 'freshFor above absoluteTimeout: no session lives that long'],
    [!idle && updateAgeMs !== undefined, 'updateAge without idleTimeout: no end moves'],
    [
      idle !== null && idle.timeoutMs > absoluteMs,
      'idleTimeout above absoluteTimeout: no session lives that long',
    ],
    [
      idle !== null && idle.updateAgeMs >= idle.timeoutMs,
      'updateAge not below idleTimeout: a session in use would end',
    ],
    [
      choice !== null && choice.shortMs >= choice.longMs,
      'rememberMe.long not above rememberMe.short: who is remembered stays longer',
    ],
    [
      choice !== null && choice.longMs > absoluteMs,
      'rememberMe.long above absoluteTimeout: no session lives that long',
    ],
  ];
  return rules.find(([isBroken]) => isBroken)?.[1];
}

/** The update age is a tenth of the timeout unless told. */
function idleOf(
  { idleMs, updateAgeMs }: PolicyGiven,
  base: IdleRule | null,
  absoluteMs: number,
): IdleRule | null {
  const timeoutMs = idleMs ?? (base && Math.min(base.timeoutMs, absoluteMs));
  if (timeoutMs === null) return null;
  const isBase = timeoutMs === base?.timeoutMs;
  const ofDefault = isBase ? base.updateAgeMs : Math.max(1, Math.floor(timeoutMs / 10));
  return Object.freeze({ timeoutMs, updateAgeMs: updateAgeMs ?? ofDefault });
}

/** `null`, which costs a lookup nothing, where neither is compared. */
function bindingOf(
  { bindAddress, bindAgent }: PolicyGiven,
  base: SessionBinding | null,
): SessionBinding | null {
  const address = bindAddress ?? base?.address ?? 'off';
  const agent = bindAgent ?? base?.agent ?? 'off';
  return address === 'off' && agent === 'off' ? null : Object.freeze({ address, agent });
}

function fitted(base: RememberRule, absoluteMs: number): RememberRule {
  if (typeof base !== 'object') return base;
  const shortMs = Math.min(base.shortMs, absoluteMs);
  const longMs = Math.min(base.longMs, absoluteMs);
  return Object.freeze<RememberChoice>({ shortMs, longMs });
}
