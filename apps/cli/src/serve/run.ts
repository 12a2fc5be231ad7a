import { type Config, createLogger, type Logger, unknownSettings } from '@obscura/shared'
import closeWithGrace from 'close-with-grace'
import { CommandError } from '../command-error.js'
import { readSettings } from '../settings.js'
import { type Role, startProcess } from './process.js'
import { startService } from './service.js'
import { welcome } from './welcome.js'

/** Milliseconds beyond DRAIN_SECONDS that closing files and database may take. */
const CLOSE_TIMEOUT_MS = 10_000
/**
 * On Ctrl-C the terminal signals us and npm, which passes the signal on: within this time the
 * second signal is a repetition of the first.
 */
const ECHO_MS = 1000

/** Runs the service until a signal ends it. */
export async function serve(): Promise<void> {
  const config = readSettings()
  const log = openLog(config)
  const service = await startService(config, log)
  stopOnSignal(config, log, service.stop)
  const isLocal = /^(127\.|localhost$|::1$)/.test(config.HOST)
  console.log(welcome(service.url, service.user, isLocal || config.PUBLIC_URL ? 'all' : 'links stay here'))
}

/**
 * Runs one role of the service until a signal ends it.
 * @throws CommandError when there is no database to share with the other parts
 */
export async function runProcess(role: Role): Promise<void> {
  const config = readSettings()
  if (!config.DATABASE_URL)
    throw new CommandError(
      `\`obscura ${role}\` is one of several processes and needs a database that they share: set DATABASE_URL. ` +
        '`obscura serve` runs everything in one process, with its own database.',
    )
  const log = openLog(config)
  const { url, stop } = await startProcess([role], config, log)
  stopOnSignal(config, log, stop)
  if (role === 'api') log.info({ url }, 'The API is listening.')
}

/** The log, which first warns of variables that look like a setting and have no effect. */
function openLog({ LOG_LEVEL }: Config): Logger {
  const log = createLogger(LOG_LEVEL)
  for (const sentence of unknownSettings()) log.warn(sentence)
  return log
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function stopOnSignal(config: Config, log: Logger, stop: () => Promise<void>): void {
  const closing = closeWithGrace(
    { delay: config.DRAIN_SECONDS * 1000 + CLOSE_TIMEOUT_MS, logger: log, skip: [...SIGNALS] },
    async ({ err }) => {
      if (err) log.fatal({ err }, 'Stopping the service after an unexpected error.')
      await stop()
    },
  )
  let first: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (first !== undefined && performance.now() - first < ECHO_MS) return
    if (first !== undefined) {
      log.error({ signal }, 'Received a second signal: stopping the service immediately.')
      process.exit(1)
    }
    first = performance.now()
    log.info({ signal }, 'Stopping after the images in progress. A second signal stops immediately.')
    closing.close()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
}
