import path from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FlagValues } from '../images/flags.js'

/** Adds the flag for reports. */
export function addReportFlag(command: Command): Command {
  const text =
    'write a report of the run: a page to read and sign, or a list of all images (docs/command-line.md); can be repeated'
  return command.addOption(new Option('--report <file.html|file.csv>', text).argParser(readReport))
}

function readReport(file: string, before: string[] = []): string[] {
  if (!['.html', '.csv'].includes(path.extname(file))) throw new InvalidArgumentError('Its name must end in .html or .csv.')
  return before.includes(file) ? before : [...before, file]
}

/** Parameters of classes, which matter only when the class is searched. */
const OF_CLASS = /^(?:kernel_size_)?(face|person|license_plate|vehicle)(?:_threshold|_anonymization_gradient_\w+)?$/

/**
 * What a report says about settings: the parameters that apply, and the flags beside them that
 * affect results.
 */
export function reportedSettings(parameters: object, flags: FlagValues): Record<string, unknown> {
  const all = parameters as Record<string, unknown>
  const applies = (name: string) => {
    const [, of] = OF_CLASS.exec(name) ?? []
    return of === undefined || of === name || all[of] === true
  }
  const given = Object.entries(all).filter(([name, value]) => value !== undefined && applies(name))
  const { lossless = false, strict = false, heads = true, device } = flags
  return { ...Object.fromEntries(given), lossless, strict, heads, device }
}
