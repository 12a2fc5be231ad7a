/** Exit code after an interrupt, as shells expect it. */
export const SIGINT_EXIT_CODE = 130

/**
 * Turns the first interrupt (Ctrl-C, SIGTERM) into an abort, so that work in progress can be ended
 * cleanly; the second ends the process immediately.
 */
export function abortOnInterrupt(): AbortController {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(SIGINT_EXIT_CODE)
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return controller
}
