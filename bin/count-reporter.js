/** Prints `N passed, N failed` last. With GAUGEKEEPER_REQUIRE_ALL a skipped test is a failed one. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const strict = Boolean(process.env.GAUGEKEEPER_REQUIRE_ALL)
    const skipped = results.numPendingTests + results.numTodoTests
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites + (strict ? skipped : 0)
    this.strictFailure = strict && skipped > 0
    for (const suite of results.testResults)
      for (const test of suite.testResults) if (test.status === 'pending') console.log(`skipped: ${test.fullName}`)
    // after Jest's own summary, so that it is the last line
    process.once('exit', () => console.log(`${results.numPassedTests} passed, ${failed} failed`))
  }

  getLastError() {
    return this.strictFailure ? new Error('GAUGEKEEPER_REQUIRE_ALL is set and tests were skipped') : undefined
  }
}
