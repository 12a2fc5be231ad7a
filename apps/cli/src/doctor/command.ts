import { Command } from 'commander'

const HELP = `
Exit code: 1 if a check fails. Changes nothing: the test file it writes to the store is deleted.`

/** `obscura doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Check settings, models, database, store and Redis, and explain how to fix problems.')
    .addHelpText('after', HELP)
    .action(async () => (await import('./run.js')).doctor())
}
