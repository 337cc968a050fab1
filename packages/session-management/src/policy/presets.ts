import type { PresetName, SessionPolicy } from '../types/index.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Whole policies by name. Their reasons are in docs/security.md, which a test holds against them. */
export const PRESETS: Readonly<Record<PresetName, Readonly<SessionPolicy>>> = Object.freeze({
  strict: Object.freeze({
    absoluteMs: 12 * HOUR,
    idle: Object.freeze({ timeoutMs: 30 * MINUTE, updateAgeMs: 3 * MINUTE }),
    remember: 'never',
    freshForMs: 5 * MINUTE,
    limit: Object.freeze({ most: 5, rule: 'end-least-recent' }),
    binding: null,
  }),
});

export const PRESET_NAMES = ['strict'] as const satisfies PresetName[];
