import { createLogger } from '@obscura/shared'
import closeWithGrace from 'close-with-grace'
import { Command } from 'commander'
import { readSettings } from '../settings.js'
import { startService } from './service.js'
import { welcome } from './welcome.js'

const HELP = `
Settings are environment variables; the README lists them all. The first ones to know:
  PORT=8080            port of the API
  HOST=127.0.0.1       0.0.0.0 lets other machines in
  PUBLIC_URL           address for the links it gives out, when clients come through a proxy
  OBSCURA_DATA=./data  folder of the database and the photos
  OBSCURA_USERNAME, OBSCURA_PASSWORD   the first user; without a password one is made up and shown once

Examples:
  $ obscura serve
  $ PORT=9000 OBSCURA_USERNAME=maria OBSCURA_PASSWORD=... obscura serve`

/** Milliseconds beyond DRAIN_SECONDS that closing files and database may take. */
const CLOSING = 10_000

/** `obscura serve` */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the service with its v2 API: everything in one process, nothing else to install.')
    .addHelpText('after', HELP)
    .action(serve)
}

async function serve(): Promise<void> {
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
