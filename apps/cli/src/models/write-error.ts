import { CommandError } from '../command-error.js'
import { printable } from '../file-names.js'
import { describeProblem } from '../images/problem.js'

/** To be thrown when the file that --out names cannot be written. */
export function writeError(out: string, error: unknown): CommandError {
  return new CommandError(`${printable(out)} cannot be written: ${describeProblem(error)}. Name another file with --out.`)
}
