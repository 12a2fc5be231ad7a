import { InspectError } from '@obscura/engine/inspect'
import { ManifestError, RefusedFileError } from '@obscura/engine/installed'
import { CommandError } from '../command-error.js'
import { printable } from '../file-names.js'
import { describeProblem } from '../images/problem.js'
import { ownFolder } from '../models-folder.js'
import { DownloadError } from './download.js'

/** What models and their manifests may be wrong in: the messages say what to do. */
const EXPECTED = [DownloadError, InspectError, ManifestError, RefusedFileError]

/** The error as the user is told: an expected one, and one of the system, without a stack. */
export function explained(error: unknown): unknown {
  if (EXPECTED.some(kind => error instanceof kind)) return new CommandError((error as Error).message)
  const { errno, path = '', dest = path } = error as NodeJS.ErrnoException & { dest?: string }
  if (errno === undefined) return error
  return new CommandError(
    `${printable(dest)}: ${describeProblem(error)}. Models of your own are in ${printable(ownFolder())}: set OBSCURA_MODELS to use another folder.`,
  )
}
