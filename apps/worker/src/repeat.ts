import type { Logger } from '@obscura/shared'

/** Work that is repeated until it is stopped. */
export interface Repetition {
  /** Starts no further round and waits for the current one. */
  stop(): Promise<void>
}

// During an outage rounds fail several times a second.
const LOG_INTERVAL_MS = 60_000

/**
 * Runs `round` immediately and then `pauseMs` after each end, varied by a fifth to keep processes
 * from synchronizing. A round that throws is logged, at most once a minute, and the next one
 * follows as usual.
 */
export function repeat(pauseMs: number, log: Logger, round: () => Promise<void>): Repetition {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let complained = Number.NEGATIVE_INFINITY
  let current = run()

  async function run(): Promise<void> {
    try {
      await round()
      complained = Number.NEGATIVE_INFINITY
    } catch (error) {
      complain(error)
    }
    if (!stopped) {
      timer = setTimeout(
        () => {
          current = run()
        },
        pauseMs * (0.8 + 0.4 * Math.random()),
      )
    }
  }

  function complain(error: unknown): void {
    if (performance.now() - complained < LOG_INTERVAL_MS) return
    complained = performance.now()
    log.error({ err: error }, 'A background job failed.')
  }

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await current
    },
  }
}
