import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
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
  const found = await sha256Of(path)
  if (found === sha256) return path
  throw new ModelChangedError(
    `${path} does not match its manifest: its SHA-256 is ${found}, expected ${sha256}. ` +
      'Run ./obscura prepare to restore it; for your own model, update the SHA-256 in the manifest.',
  )
}

/**
 * Through one small buffer: what whole files or a stream leave behind would stay in the process
 * beside the networks.
 */
async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(1024 ** 2)
  const file = await open(path)
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}
