import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Manifest } from '@obscura/engine/manifest'
import { filesOf, writeManifest } from './own-folder.js'

/**
 * Adds a model whose files are made in a folder of their own, files/.NAME, and get their names
 * only when `prepare` has returned its manifest: until then, and when it fails, a model of that
 * name that is in use stays as it is.
 * @param prepare puts the files there, named as in the manifest
 * @throws what `prepare` throws
 */
export async function withNewFiles(
  folder: string,
  name: string,
  prepare: (place: string) => Promise<Manifest>,
): Promise<Manifest> {
  const place = join(folder, 'files', `.${name}`)
  await mkdir(place, { recursive: true })
  try {
    const manifest = await prepare(place)
    for (const { file } of filesOf(manifest)) await rename(join(place, basename(file)), join(folder, file))
    await writeManifest(folder, manifest)
    return manifest
  } finally {
    // What has arrived of a download remains: the next one continues it.
    for (const file of await readdir(place)) if (file.endsWith('.onnx')) await rm(join(place, file))
    await rmdir(place).catch(() => {})
  }
}
