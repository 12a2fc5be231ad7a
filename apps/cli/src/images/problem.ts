import { getSystemErrorMap } from 'node:util'
import { EngineError } from '@obscura/engine'
import { adviceOn } from './limits.js'

/** A file or folder that could not be worked on, and why. */
export interface Problem {
  file: string
  problem: string
}

/** What the system's own words leave open. */
const SENTENCES: Record<string, string> = {
  ENOENT: 'no such file',
  ENAMETOOLONG: 'its name or path, or that of a result, is longer than the file system allows',
}

/** Why one image failed, in the words of the API and a sentence, and which flag allows more. */
export function describeProblem(error: unknown): string {
  if (error instanceof EngineError) {
    return `${error.code}: ${error.message}${error.limit ? ` ${adviceOn(error.limit)}` : ''}`
  }
  const { code, errno, message } = error as NodeJS.ErrnoException
  // The message of such an error names the path as well, with whatever is in it.
  return SENTENCES[code ?? ''] ?? getSystemErrorMap().get(errno ?? 0)?.[1] ?? message
}
