import { webcrypto } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A model does not match its manifest. */
export class ModelChangedError extends Error {
  override readonly name = 'ModelChangedError'
}

/**
 * The path of a model, after checking its content against the manifest: detection, and with it the
 * protection of people, depends on it.
 * @throws ModelChangedError when its SHA-256 differs; an error of the file system when it cannot be
 * read
 */
export async function checkedModel({ file, sha256 }: { file: string; sha256: string }, modelsFolder: string): Promise<string> {
  const path = join(modelsFolder, file)
  // In the thread pool, while other models are read.
  const found = Buffer.from(await webcrypto.subtle.digest('SHA-256', await readFile(path))).toString('hex')
  if (found === sha256) return path
  throw new ModelChangedError(
    `${path} does not match its manifest: its SHA-256 is ${found}, expected ${sha256}. ` +
      'Run ./obscura prepare to restore it; for your own model, update the SHA-256 in the manifest.',
  )
}
