/**
 * Notes in the cache folder that a model's file was checked, so that the next start need not read
 * it again.
 */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '@obscura/engine/manifest'

/**
 * What the file was when its SHA-256 was that of the manifest: a change of any of these calls for
 * another look.
 */
async function describe({ file, sha256 }: Manifest, modelsFolder: string): Promise<string> {
  const { size, mtimeMs } = await stat(join(modelsFolder, file))
  return JSON.stringify({ file, sha256, size, mtimeMs })
}

function stampFile({ name }: Manifest, modelsFolder: string): string {
  return join(modelsFolder, 'cache', `${name}.stamp`)
}

/** Whether the model's file is there and unchanged since it was stamped for this manifest. */
export async function isStamped(manifest: Manifest, modelsFolder: string): Promise<boolean> {
  try {
    return (await readFile(stampFile(manifest, modelsFolder), 'utf8')) === (await describe(manifest, modelsFolder))
  } catch {
    return false
  }
}

/**
 * Notes that the model's file is what its manifest says. In a folder that cannot be written it
 * stays unsaid: the next start looks again.
 */
export async function stamp(manifest: Manifest, modelsFolder: string): Promise<void> {
  const text = await describe(manifest, modelsFolder)
  await mkdir(join(modelsFolder, 'cache'), { recursive: true })
    .then(() => writeFile(stampFile(manifest, modelsFolder), text))
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EROFS' && error.code !== 'EACCES') throw error
    })
}
