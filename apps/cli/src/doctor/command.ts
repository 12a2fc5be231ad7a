import { Command } from 'commander'

const HELP = `
Ends with 1 when something has to be done. It changes nothing: a test file in the store is deleted again.`

/** `obscura doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Check settings, models, database, store and Redis, and say what to do about what is wrong.')
    .addHelpText('after', HELP)
    .action(async () => (await import('./run.js')).doctor())
}
