import { DefaultReporter } from 'vitest/node';
import { color } from './steps.mjs';

const LONG_MS = 1_000;
const MARKS = {
  passed: color('green', '✓'),
  failed: color('red', '✗'),
  skipped: color('dim', '-'),
};

/** One line for each file; failures in full and the count of all when everything has ended. */
export default class QuietReporter extends DefaultReporter {
  #tellsLongTests;

  /** @param {{ longTests?: boolean }} [options] - Whether each test that takes a second has a line, as soon as it ends. */
  constructor({ longTests = false } = {}) {
    super();
    this.#tellsLongTests = longTests;
  }

  onTestCaseResult(test) {
    super.onTestCaseResult(test);
    const ms = test.diagnostic()?.duration ?? 0;
    const state = stateOf(test);
    if (!this.#tellsLongTests || (ms < LONG_MS && state !== 'failed')) return;
    this.log(`  ${MARKS[state]} ${test.fullName} ${color('dim', seconds(ms))}`);
  }

  printTestModule(file) {
    const tests = [...file.children.allTests()];
    const state = file.ok() ? 'passed' : 'failed';
    const told = [
      `${tests.length} tests`,
      ...troubleIn(tests),
      seconds(file.diagnostic().duration),
    ];
    this.log(`${MARKS[state]} ${file.relativeModuleId} ${color('dim', told.join(', '))}`);
  }

  /** In its place comes what {@link onTestRunEnd} says. */
  reportTestSummary() {}

  onTestRunEnd(files, errors, reason) {
    super.onTestRunEnd(files, errors, reason);
    const states = files.flatMap((file) => [...file.children.allTests()].map(stateOf));
    const count = (state) => states.filter((each) => each === state).length;
    const failed = files.filter((file) => !file.ok()).length;
    const told = [
      `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`,
      `${files.length} files, ${failed} failed`,
      ...(errors.length > 0 ? [`${errors.length} errors outside of the tests`] : []),
      seconds(this.end - this.start),
    ];
    this.log(`\n${told.join('; ')}`);
  }
}

/** What did not pass, in words. */
function troubleIn(tests) {
  return ['failed', 'skipped'].flatMap((state) => {
    const count = tests.filter((test) => stateOf(test) === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
}

/** A test that never came to its end (an interrupted run) did not pass. */
function stateOf(test) {
  const { state } = test.result();
  return state === 'pending' ? 'failed' : state;
}

function seconds(ms) {
  return `${(ms / 1_000).toFixed(1)} s`;
}
