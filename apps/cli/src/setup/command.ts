import { Command } from 'commander'

const HELP = `
May be repeated at any time: after each upgrade, or when settings changed. With S3_ENDPOINT the bucket is created, opened to browsers, and
told to delete what has outlived RETENTION_DAYS by a week, should the service itself fail to.`

/** `obscura setup` */
export function setupCommand(): Command {
  return new Command('setup')
    .description('Prepare what the settings name: tables of the database, first user, bucket.')
    .addHelpText('after', HELP)
    .action(async () => (await import('./run.js')).setup())
}
