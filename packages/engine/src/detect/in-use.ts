import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelUse } from '../engine.js'
import { type ModelFolders, readInstalled, select } from './installed.js'
import type { Manifest } from './manifest.js'
import type { Precision } from './precision.js'

export { pathInside, RefusedFileError } from './inside.js'
export * from './installed.js'
export { ManifestError } from './manifest.js'
export { choosePrecision } from './precision.js'

/** What an engine detects with. */
export interface ModelsInUse {
  /** The profile of images that choose none. */
  profile: string
  /** Equal where all manifests and profiles are equal: 12 hex digits. */
  fingerprint: string
  /** The networks of that profile, sorted by name. */
  models: ModelUse[]
  /** All profiles that there are. */
  profiles: string[]
}

/** The file of a model that is used where detectors compute in `precision`. */
export function modelUse(manifest: Manifest, precision: Precision): ModelUse {
  const int8 = int8Of(manifest, precision)
  return { name: manifest.name, sha256: (int8 ?? manifest).sha256, precision: int8 ? 'int8' : 'float' }
}

function int8Of(manifest: Manifest, precision: Precision) {
  return precision === 'int8' && 'int8' in manifest ? manifest.int8 : undefined
}

/**
 * Reads what an engine with these folders and this profile detects with; loads no network.
 * @throws ManifestError for an invalid manifest or profile, or a profile that does not exist;
 * RefusedFileError; an error of the file system
 */
export async function modelsInUse(folders: ModelFolders, profile: string, precision: Precision): Promise<ModelsInUse> {
  const installed = await readInstalled(folders)
  const { detectors, segmenter } = select(installed, profile)
  const models = [...detectors, ...(segmenter ? [segmenter] : [])].map(({ manifest }) => modelUse(manifest, precision))
  const all = [installed.models.map(({ manifest }) => manifest).sort(byName), [...installed.profiles]]
  return {
    profile,
    fingerprint: createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 12),
    models: models.sort(byName),
    profiles: [...installed.profiles.keys()].sort(),
  }
}

/**
 * The files of that profile's networks that do not exist; those there are may still be damaged.
 * @throws like {@link modelsInUse}
 */
export async function missingModels(folders: ModelFolders, profile: string, precision: Precision): Promise<string[]> {
  const { detectors, segmenter } = select(await readInstalled(folders), profile)
  const used = [...detectors, ...(segmenter ? [segmenter] : [])]
  const paths = used.map(({ manifest, folder }) => join(folder, (int8Of(manifest, precision) ?? manifest).file))
  const found = await Promise.all(paths.map(path => stat(path).catch(() => undefined)))
  return paths.filter((_, i) => !found[i]?.isFile())
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}
