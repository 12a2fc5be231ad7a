/**
 * Notes in the cache folder that a model's file was checked, so that the next start need not read
 * it again.
 */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A file, what it must be, and the name of its note. */
interface Stamped {
  name: string
  file: string
  sha256: string
}

/**
 * What the file was when its SHA-256 was that of the manifest: a change of any of these calls for
 * another look.
 */
async function describe({ file, sha256 }: Stamped, modelsFolder: string): Promise<string> {
  const { size, mtimeMs } = await stat(join(modelsFolder, file))
  return JSON.stringify({ file, sha256, size, mtimeMs })
}

function stampFile({ name }: Stamped, modelsFolder: string): string {
  return join(modelsFolder, 'cache', `${name}.stamp`)
}

/** Whether the model's file is there and unchanged since it was stamped with this SHA-256. */
export async function isStamped(model: Stamped, modelsFolder: string): Promise<boolean> {
  try {
    return (await readFile(stampFile(model, modelsFolder), 'utf8')) === (await describe(model, modelsFolder))
  } catch {
    return false
  }
}

/**
 * Notes that the model's file is the expected one. In a folder that cannot be written it
 * stays unsaid: the next start looks again.
 */
export async function stamp(model: Stamped, modelsFolder: string): Promise<void> {
  const text = await describe(model, modelsFolder)
  await mkdir(join(modelsFolder, 'cache'), { recursive: true })
    .then(() => writeFile(stampFile(model, modelsFolder), text))
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EROFS' && error.code !== 'EACCES') throw error
    })
}
