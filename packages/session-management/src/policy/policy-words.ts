import type { RememberRule, SessionPolicy } from '../types/index.ts';
import { msToDuration } from './duration.ts';

/** A policy in the words of its configuration, for who reads what counts: each word and its value. */
export function policyWords(policy: SessionPolicy): [word: string, value: string][] {
  const { absoluteMs, freshForMs, idle, limit, remember } = policy;
  const words: [word: string, value: string | null][] = [
    ['absoluteTimeout', msToDuration(absoluteMs)],
    ['idleTimeout', idle ? msToDuration(idle.timeoutMs) : 'none'],
    ['updateAge', idle ? msToDuration(idle.updateAgeMs) : null],
    ['rememberMe', rememberWords(remember)],
    ['freshFor', msToDuration(freshForMs)],
    ['maxSessions', limit ? String(limit.most) : 'none'],
    ['atLimit', limit ? limit.rule : null],
  ];
  return words.flatMap(([word, value]) => (value === null ? [] : [[word, value]]));
}

function rememberWords(remember: RememberRule): string {
  if (typeof remember === 'string') return String(remember === 'always');
  return `short ${msToDuration(remember.shortMs)}, long ${msToDuration(remember.longMs)}`;
}
