import { BaseSequencer } from 'vitest/node';

/**
 * An order of test files that begins with the longest, so that at the end no worker is left alone with
 * one: a fresh clone knows no times, and size does not tell of files that wait or call a suite.
 *
 * @param {readonly string[]} longest - How their paths end, the longest first.
 */
export function longestFirst(longest) {
  const rankOf = ({ moduleId }) => {
    const rank = longest.findIndex((end) => moduleId.endsWith(end));
    return rank < 0 ? longest.length : rank;
  };
  return class LongestFirst extends BaseSequencer {
    async sort(files) {
      return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
    }
  };
}
