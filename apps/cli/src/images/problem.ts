import { constants } from 'node:os'
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
  ESTALE: 'the network mount no longer knows it (stale file handle)',
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
  const { errno, message } = error as NodeJS.ErrnoException
  if (errno === undefined) return message
  // The message of such an error contains the path, with possibly unsafe characters.
  const name = nameOf(errno) ?? String(errno)
  return SENTENCES[name] ?? getSystemErrorMap().get(errno)?.[1] ?? `system error ${name}`
}

/** The name of a system error. libuv lacks those of network mounts, such as ESTALE. */
function nameOf(errno: number): string | undefined {
  return Object.entries(constants.errno).find(([, number]) => number === -errno)?.[0]
}
