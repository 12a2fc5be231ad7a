/** Exit code of a program that an interrupt ended, as shells expect it. */
export const INTERRUPTED = 130

/**
 * Turns the first interrupt (Ctrl-C, SIGTERM) into an abort, so that what is under way can be ended in order; the second ends the process at once.
 */
export function abortOnInterrupt(): AbortController {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return controller
}
