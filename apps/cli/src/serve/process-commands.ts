import { Command } from 'commander'

const HELP = `
Settings are environment variables; docs/settings.md lists all of them. API and worker processes share
  DATABASE_URL   PostgreSQL, which \`obscura setup\` prepares
  REDIS_URL      notifies workers of tasks immediately; without it they poll twice a second
  S3_ENDPOINT    stores the files; without it, all processes must share the folder OBSCURA_DATA
See docs/install.md for details.`

/** `obscura api` */
export function apiCommand(): Command {
  return new Command('api')
    .description('Run an API process: any number of them, beside any number of workers.')
    .addHelpText('after', HELP)
    .action(async () => (await import('./run.js')).runProcess('api'))
}

/** `obscura worker` */
export function workerCommand(): Command {
  return new Command('worker')
    .description('Run a worker process: any number of them, on any machine.')
    .addHelpText('after', HELP)
    .action(async () => (await import('./run.js')).runProcess('worker'))
}
