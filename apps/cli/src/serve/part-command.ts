import { Command } from 'commander'

const HELP = `
Settings are environment variables; the README lists them all. API and worker processes share
  DATABASE_URL   PostgreSQL, which \`obscura setup\` prepares
  REDIS_URL      through which workers hear of tasks at once; without it they look twice a second
  S3_ENDPOINT    where files are kept; without it all processes must see the same folder OBSCURA_DATA
docs/operations.md says more.`

/** `obscura api` */
export function apiCommand(): Command {
  return new Command('api')
    .description('Run the API alone: any number of such processes, with workers beside them.')
    .addHelpText('after', HELP)
    .action(async () => (await import('./run.js')).runPart('api'))
}

/** `obscura worker` */
export function workerCommand(): Command {
  return new Command('worker')
    .description('Run a worker alone: any number of such processes, on any machine.')
    .addHelpText('after', HELP)
    .action(async () => (await import('./run.js')).runPart('worker'))
}
