import { InspectError } from '@obscura/engine/inspect'
import { ManifestError, RefusedFileError } from '@obscura/engine/installed'
import { CommandError } from '../command-error.js'
import { DownloadError } from './download.js'

/** What models and their manifests may be wrong in: the messages say what to do. */
const EXPECTED = [DownloadError, InspectError, ManifestError, RefusedFileError]

/** The error as the user is told: an expected one without a stack. */
export function explained(error: unknown): unknown {
  return EXPECTED.some(kind => error instanceof kind) ? new CommandError((error as Error).message) : error
}
