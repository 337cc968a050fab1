/** Ends a run with one plain line: how many tests passed, failed and were skipped. */
export default class CountReporter {
  onTestRunEnd(files) {
    const states = files.flatMap((file) => [...file.children.allTests()].map(stateOf));
    const count = (state) => states.filter((each) => each === state).length;
    console.log(
      `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`,
    );
  }
}

/** A test that never came to its end (an interrupted run) did not pass. */
function stateOf(test) {
  const { state } = test.result();
  return state === 'pending' ? 'failed' : state;
}
