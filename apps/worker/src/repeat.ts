import type { Logger } from '@obscura/shared'

/** Work that is done again and again until it is stopped. */
export interface Repetition {
  /** Starts no further round and waits for the one under way. */
  stop(): Promise<void>
}

/**
 * Does `round` at once and then each time `pauseMs` after it ended, varied by a fifth so that many processes do not fall into step. A round that
 * throws is logged, and the next one comes as usual.
 */
export function repeat(pauseMs: number, log: Logger, round: () => Promise<void>): Repetition {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let current = run()

  async function run(): Promise<void> {
    try {
      await round()
    } catch (error) {
      log.error({ err: error }, 'A round of background work failed.')
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

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await current
    },
  }
}
