import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { RefusedFileError, readInside } from './inside.js'
import type { Manifest } from './manifest.js'
import { cutModel, refuseExternalData } from './onnx-file.js'

/** A model does not match its manifest. */
export class ModelChangedError extends Error {
  override readonly name = 'ModelChangedError'
}

/** What protocol buffers hold at most. */
const MAX_MODEL_BYTES = 2 ** 31 - 1

/**
 * The content of a model after checking it against the manifest: detection, and with it the
 * protection of people, depends on it. What is loaded are the very bytes that were checked.
 * @throws ModelChangedError when its SHA-256 differs; RefusedFileError when the file lies outside
 * the folder or refers to others; an error of the file system when it cannot be read
 */
export async function readModel({ file, sha256, bytes: size, cut, input }: Manifest, modelsFolder: string): Promise<Uint8Array> {
  const path = join(modelsFolder, file)
  const bytes = await readInside(modelsFolder, file, size ?? MAX_MODEL_BYTES)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) {
    throw new ModelChangedError(
      `${path} does not match its manifest: its SHA-256 is ${found}, expected ${sha256}. ` +
        'Run ./obscura prepare to restore it; for your own model, update the SHA-256 in the manifest.',
    )
  }
  try {
    refuseExternalData(bytes)
    return cut ? cutModel(bytes, cut, input.tensor) : bytes
  } catch (error) {
    throw new RefusedFileError(`${path} cannot be used: ${(error as Error).message}.`, { cause: error })
  }
}
