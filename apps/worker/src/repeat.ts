import type { Logger } from '@obscura/shared'

/** Work that is done again and again until it is stopped. */
export interface Repetition {
  /** Starts no further round and waits for the one under way. */
  stop(): Promise<void>
}

// During an outage every round fails, several times a second.
const COMPLAIN_MS = 60_000

/**
 * Does `round` at once and then each time `pauseMs` after it ended, varied by a fifth so that many processes do not fall into step. A round that
 * throws is logged, again and again only once a minute, and the next one comes as usual.
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
    if (performance.now() - complained < COMPLAIN_MS) return
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
