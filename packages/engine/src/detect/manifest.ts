/**
 * Manifests: everything that the engine knows about a network, as data. One JSON file per model in
 * models/manifests; to add a network, add a manifest and an ONNX file.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Checked, MismatchError } from './checks.js'
import { manifestForms } from './manifest-schema.js'

type Forms = typeof manifestForms
export type DecoderType = keyof Forms

/** The manifest of one decoder, e.g. `ManifestOf<'ssd'>`. */
export type ManifestOf<T extends DecoderType> = Checked<Forms[T]>
export type SegmenterManifest = ManifestOf<'mask'>
export type DetectorManifest = ManifestOf<'nanodet'> | ManifestOf<'ssd'> | ManifestOf<'blazeface'> | ManifestOf<'plate'>
export type Manifest = DetectorManifest | SegmenterManifest

/** A manifest is invalid. `message` names file, field and expected value. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
}

/**
 * Reads every manifest of a models folder, sorted by name.
 * @throws ManifestError for the first invalid one.
 */
export async function readManifests(modelsFolder: string): Promise<Manifest[]> {
  const folder = join(modelsFolder, 'manifests')
  const files = (await readdir(folder)).filter(file => file.endsWith('.json')).sort()
  return Promise.all(files.map(async file => parseManifest(await readFile(join(folder, file), 'utf8'), join(folder, file))))
}

/**
 * Reads one manifest.
 * @param file name of the source, for errors; its base name must be the manifest's `name`.
 * @throws ManifestError
 */
export function parseManifest(text: string, file: string): Manifest {
  try {
    const json: unknown = JSON.parse(text)
    const manifest = formOf(json)(json, [])
    const name = basename(file, '.json')
    if (manifest.name !== name) throw new MismatchError(['name'], `"${name}", the name of the file`, manifest.name)
    return manifest
  } catch (error) {
    if (error instanceof MismatchError) throw new ManifestError(`${file}: ${error.message}`)
    throw new ManifestError(`${file}: invalid JSON: ${(error as Error).message}`, { cause: error })
  }
}

function formOf(json: unknown): Forms[DecoderType] {
  const type = (json as { decoder?: { type?: unknown } } | null)?.decoder?.type
  if (typeof type !== 'string' || !Object.hasOwn(manifestForms, type)) {
    throw new MismatchError(['decoder', 'type'], `one of ${Object.keys(manifestForms).join(', ')}`, type)
  }
  return manifestForms[type as DecoderType]
}
