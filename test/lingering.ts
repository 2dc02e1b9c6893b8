/**
 * Loaded by mocha before all tests: a test that leaves something running must not hang the run, and must not pass
 * unnoticed either.
 */
const graceMs = 10_000

export const mochaHooks = {
  afterAll(): void {
    // Fires only if something else keeps the process alive.
    setTimeout(() => {
      process.stderr.write(`tests left something running: ${process.getActiveResourcesInfo().join(', ')}\n`)
      process.exit(process.exitCode || 1)
    }, graceMs).unref()
  },
}
