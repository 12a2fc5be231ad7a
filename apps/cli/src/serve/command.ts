import { Command } from 'commander'

const HELP = `
Settings are environment variables; docs/settings.md lists all of them. The most important ones:
  PORT=8080            port of the API
  HOST=127.0.0.1       0.0.0.0 accepts connections from other machines
  PUBLIC_URL           address used in URLs, when clients connect through a proxy
  OBSCURA_DATA=./data  folder of the database and the images
  OBSCURA_USERNAME, OBSCURA_PASSWORD   the first user; without a password, a random one is printed once

Examples:
  $ obscura serve
  $ PORT=9000 OBSCURA_USERNAME=maria OBSCURA_PASSWORD=... obscura serve`

/** `obscura serve` */
export function serveCommand(): Command {
  return (
    new Command('serve')
      .description('Run the service with its v2 API in a single process; nothing else to install.')
      .addHelpText('after', HELP)
      // Loaded on demand: this takes longer than other commands take to start.
      .action(async () => (await import('./run.js')).serve())
  )
}
