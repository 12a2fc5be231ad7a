import { DatabaseUnavailableError, DataFolderError, FolderLockedError } from '@obscura/shared'
import { CommandError } from './command-error.js'

/**
 * An error of opening database or store that the user can fix, as a CommandError; any other is
 * unchanged.
 */
export function openingError(error: unknown): unknown {
  const kinds = [DatabaseUnavailableError, DataFolderError, FolderLockedError]
  return kinds.some(kind => error instanceof kind) ? new CommandError((error as Error).message) : error
}
