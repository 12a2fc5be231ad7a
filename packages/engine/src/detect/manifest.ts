/**
 * Manifests: everything that the engine knows about a network, as data. One JSON file per model in
 * the folder `manifests` of a models folder; to add a network, add a manifest and an ONNX file.
 */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Check, type Checked, MismatchError } from './checks.js'
import { readInside } from './inside.js'
import { manifestForms } from './manifest-schema.js'
import { profileForm } from './profile-schema.js'

export { manifestJsonSchema } from './manifest-schema.js'
export { profileJsonSchema } from './profile-schema.js'

type Forms = typeof manifestForms
export type DecoderType = keyof Forms
export type DetectorType = Exclude<DecoderType, 'mask'>

/** The manifest of one decoder, e.g. `ManifestOf<'ssd'>`. */
export type ManifestOf<T extends DecoderType> = Checked<Forms[T]>
export type SegmenterManifest = ManifestOf<'mask'>
export type DetectorManifest = { [T in DetectorType]: ManifestOf<T> }[DetectorType]
export type Manifest = DetectorManifest | SegmenterManifest

/** A profile of one's own. */
export type ProfileFile = Checked<typeof profileForm>

/** A manifest or profile is invalid. `message` names file, field and expected value. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
}

/**
 * Reads every manifest of a models folder, sorted by name.
 * @throws ManifestError for the first invalid one.
 */
export async function readManifests(modelsFolder: string): Promise<Manifest[]> {
  return readEach(modelsFolder, 'manifests', parseManifest)
}

/**
 * Reads every profile of a models folder, sorted by name.
 * @throws ManifestError for the first invalid one.
 */
export async function readProfiles(modelsFolder: string): Promise<ProfileFile[]> {
  return readEach(modelsFolder, 'profiles', parseProfile)
}

/** Far more than a manifest needs. */
const MAX_JSON_BYTES = 2 ** 20

async function readEach<T>(folder: string, kind: string, read: (text: string, file: string) => T): Promise<T[]> {
  const names = await readdir(join(folder, kind)).catch(async error => {
    // A folder of models need not have both kinds, but must exist.
    if (error.code === 'ENOENT' && (await stat(folder)).isDirectory()) return []
    throw error
  })
  const files = names.filter(name => name.endsWith('.json')).sort()
  return Promise.all(
    files.map(async name => {
      const bytes = await readInside(folder, `${kind}/${name}`, MAX_JSON_BYTES)
      return read(bytes.toString('utf8'), join(folder, kind, name))
    }),
  )
}

/**
 * Reads one manifest.
 * @param file name of the source, for errors; its base name must be the manifest's `name`.
 * @throws ManifestError
 */
export function parseManifest(text: string, file: string): Manifest {
  return parse(text, file, json => formOf(json) as Check<Manifest>)
}

/**
 * Reads one profile.
 * @param file name of the source, for errors; its base name must be the profile's `name`.
 * @throws ManifestError
 */
export function parseProfile(text: string, file: string): ProfileFile {
  return parse(text, file, () => profileForm)
}

function parse<T extends { name: string }>(text: string, file: string, formFor: (json: unknown) => Check<T>): T {
  try {
    const json: unknown = JSON.parse(text)
    const checked = formFor(json)(json, [])
    const name = basename(file, '.json')
    if (checked.name !== name) throw new MismatchError(['name'], `"${name}", the name of the file`, checked.name)
    return checked
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
