import { getSystemErrorMap } from 'node:util'
import { EngineError } from '@obscura/engine'
import { adviceOn } from './limits.js'

/** A file or folder that could not be processed, and why. */
export interface Problem {
  file: string
  problem: string
}

/** Better wording for some system errors. */
const SENTENCES: Record<string, string> = {
  ENOENT: 'no such file',
  ENAMETOOLONG: 'its name or path, or that of a result, is longer than the file system allows',
}

/**
 * Why an image failed: the failure cause of the API, a sentence, and the flag that raises the
 * limit.
 */
export function describeProblem(error: unknown): string {
  if (error instanceof EngineError) {
    return `${error.code}: ${error.message}${error.limit ? ` ${adviceOn(error.limit)}` : ''}`
  }
  const { code, errno, message } = error as NodeJS.ErrnoException
  // The message of such an error contains the path, with possibly unsafe characters.
  return SENTENCES[code ?? ''] ?? getSystemErrorMap().get(errno ?? 0)?.[1] ?? message
}
