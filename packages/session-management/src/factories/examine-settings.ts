import { type Check, good } from '../policy/diagnosis.ts';
import { msToDuration } from '../policy/duration.ts';
import { limitWords } from '../policy/log-in-limits.ts';
import { hasCode } from '../types/index.ts';
import type { ManagerSettings } from './settings.ts';

/**
 * What counts of the options that have a default, in their own words.
 * @param read - Reads the settings; what it throws as a wrong configuration others tell.
 */
export function examineSettings(read: () => ManagerSettings): Check[] {
  try {
    return told(read());
  } catch (error) {
    if (!(error instanceof Error && hasCode(error, 'CONFIGURATION_INVALID'))) throw error;
    return [];
  }
}

function told(settings: ManagerSettings): Check[] {
  const { auditKeep, cleanupEvery, logInLimits, maxConnections, nearSize, timing } = settings;
  const times = {
    lookupDeadline: msToDuration(timing.D),
    redisTimeout: msToDuration(settings.redisTimeout),
    postgresTimeout: msToDuration(settings.postgresTimeout),
    confirmAfter: msToDuration(timing.F),
    outageGrace: msToDuration(timing.G),
  };
  const sizes = {
    maxConnections,
    nearCopies: nearSize.entries,
    nearCopiesBytes: nearSize.bytes,
  };
  const cleanup = {
    cleanupEvery: cleanupEvery === null ? 'off' : msToDuration(cleanupEvery),
    auditKeep: auditKeep === null ? 'for ever' : msToDuration(auditKeep),
  };
  const limits = logInLimits === null ? 'off' : listed(limitWords(logInLimits));
  return [
    good('times', listed(Object.entries(times))),
    good('sizes', listed(Object.entries(sizes))),
    good('log-in limits', limits),
    good('cleanup', listed(Object.entries(cleanup))),
  ];
}

function listed(words: readonly [string, string | number][]): string {
  return words.map((word) => word.join(' ')).join(', ');
}
