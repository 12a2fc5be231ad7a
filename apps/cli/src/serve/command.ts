import { Command } from 'commander'

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

/** `obscura serve` */
export function serveCommand(): Command {
  return (
    new Command('serve')
      .description('Run the service with its v2 API: everything in one process, nothing else to install.')
      .addHelpText('after', HELP)
      // What only the service needs takes longer to load than the other commands take to start.
      .action(async () => (await import('./run.js')).serve())
  )
}
