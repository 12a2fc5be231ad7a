import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { anonymizeCommand } from './anonymize/command.js'
import { detectCommand } from './detect/command.js'
import { doctorCommand } from './doctor/command.js'
import { modelsCommand } from './models/command.js'
import { serveCommand } from './serve/command.js'
import { apiCommand, workerCommand } from './serve/process-commands.js'
import { setupCommand } from './setup/command.js'
import { tasksCommand } from './tasks/command.js'
import { userCommand } from './user/command.js'
import { VERSION } from './version.js'
import { watchCommand } from './watch/command.js'

const HELP = `
First steps:
  $ obscura anonymize photos --out anonymized     anonymize a folder of images
  $ obscura serve                                 run the service with its v2 API on this machine
  $ obscura anonymize --help                      all options, with examples`

/**
 * The command line. Parsing throws commander's CommanderError when its message has been shown and
 * nothing is left to do.
 */
export function createProgram(): Command {
  const program = new Command('obscura')
    .description('Anonymizes faces, persons, license plates and vehicles in images, on your own machine.')
    .version(VERSION)
    .addCommand(anonymizeCommand())
    .addCommand(detectCommand())
    .addCommand(watchCommand())
    .addCommand(serveCommand())
    .addCommand(userCommand())
    .addCommand(tasksCommand())
    .addCommand(modelsCommand())
    .addCommand(apiCommand())
    .addCommand(workerCommand())
    .addCommand(setupCommand())
    .addCommand(doctorCommand())
    .addCommand(prepareCommand())
    .addHelpText('after', HELP)
  forAll(program)
  return program
}

/**
 * Settings that commands do not inherit. An immediate exit would truncate the output and hide write
 * errors.
 */
function forAll(command: Command): void {
  command
    .exitOverride()
    .showHelpAfterError('(run obscura --help or obscura <command> --help for usage)')
    .configureOutput({ outputError: (text, write) => write(text + aboutFile(text)) })
  for (const inner of command.commands) forAll(inner)
}

/**
 * The launcher does the work before any command runs; this only lists the command.
 */
function prepareCommand(): Command {
  return new Command('prepare')
    .description(
      'Install dependencies, compile, and convert the models. Every other command does this automatically when needed.',
    )
    .action(() => {})
}

function aboutFile(error: string): string {
  const name = /unknown option '([^']+)'/.exec(error)?.[1]
  return name && existsSync(name) ? `If you mean the file of that name, write ./${name}\n` : ''
}
