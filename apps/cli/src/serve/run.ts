import { createLogger } from '@obscura/shared'
import closeWithGrace from 'close-with-grace'
import { readSettings } from '../settings.js'
import { startService } from './service.js'
import { welcome } from './welcome.js'

/** Milliseconds beyond DRAIN_SECONDS that closing files and database may take. */
const CLOSING = 10_000

/** Runs the service until a signal ends it. */
export async function serve(): Promise<void> {
  const config = readSettings()
  const log = createLogger(config.LOG_LEVEL)
  const service = await startService(config, log)
  closeWithGrace({ delay: config.DRAIN_SECONDS * 1000 + CLOSING, logger: log }, async ({ err, signal }) => {
    if (err) log.fatal({ err }, 'The service stops after an unexpected error.')
    else log.info({ signal }, 'Stopping: images under way are finished first. A second signal stops at once.')
    await service.stop()
  })
  const isLocal = /^(127\.|localhost$|::1$)/.test(config.HOST)
  console.log(welcome(service.url, service.user, isLocal || config.PUBLIC_URL ? 'all' : 'links stay here'))
}
