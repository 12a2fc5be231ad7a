import { Command } from 'commander'

const HELP = `
Safe to repeat at any time; run it after each upgrade and after changing settings. With S3_ENDPOINT it creates the bucket,
allows browsers to use it, and makes files expire a week after RETENTION_DAYS, in case the service fails to delete them.`

/** `obscura setup` */
export function setupCommand(): Command {
  return new Command('setup')
    .description('Create or update the database schema, the first user and the bucket.')
    .addHelpText('after', HELP)
    .action(async () => (await import('./run.js')).setup())
}
