/**
 * Manifests: all that the engine knows about a network, as data. One JSON file a model in models/manifests; a network of one's own is a
 * manifest and an ONNX file more.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Static } from 'typebox'
import { Value } from 'typebox/value'
import { manifestSchemas } from './manifest-schema.js'

type Schemas = typeof manifestSchemas
export type DecoderType = keyof Schemas

/** The manifest of one decoder, e.g. `ManifestOf<'ssd'>`. */
export type ManifestOf<T extends DecoderType> = Static<Schemas[T]>
export type SegmenterManifest = ManifestOf<'mask'>
export type DetectorManifest = ManifestOf<Exclude<DecoderType, 'mask'>>
export type Manifest = DetectorManifest | SegmenterManifest

/** A manifest, or the file it names, is not what it must be. `message` names file, field and what is expected. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
}

/**
 * Reads every manifest of a models folder, sorted by name.
 * @throws ManifestError for the first faulty one.
 */
export async function readManifests(modelsFolder: string): Promise<Manifest[]> {
  const folder = join(modelsFolder, 'manifests')
  const files = (await readdir(folder)).filter(file => file.endsWith('.json')).sort()
  return Promise.all(files.map(async file => parseManifest(await readFile(join(folder, file), 'utf8'), join(folder, file))))
}

/**
 * Reads one manifest.
 * @param file where the text comes from: named in errors, and its base name must be the manifest's `name`.
 * @throws ManifestError
 */
export function parseManifest(text: string, file: string): Manifest {
  const manifest = parseJson(text, file)
  const type = at(manifest, ['decoder', 'type'])
  const schema = manifestSchemas[type as DecoderType]
  if (schema === undefined || !Object.hasOwn(manifestSchemas, type as string)) {
    throw fault(file, ['decoder', 'type'], `one of ${Object.keys(manifestSchemas).join(', ')}`, type)
  }
  const error = worst(Value.Errors(schema, manifest))
  if (error !== undefined) throw explain(error, schema, manifest, file)
  const valid = manifest as Manifest
  const name = basename(file, '.json')
  if (valid.name !== name) throw fault(file, ['name'], `"${name}", as the file is called`, valid.name)
  return valid
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ManifestError(`${file}: not JSON: ${(error as Error).message}`, { cause: error })
  }
}

type SchemaError = ReturnType<typeof Value.Errors>[number]

/** Complaints of single alternatives mislead: the one about the alternative as a whole names them all. */
function worst(errors: SchemaError[]): SchemaError | undefined {
  return errors.find(error => !error.schemaPath.includes('/anyOf/')) ?? errors[0]
}

/** Says what a field lacks in the words of the schema's own description. */
function explain(error: SchemaError, schema: object, manifest: unknown, file: string): ManifestError {
  const field = steps(error.instancePath)
  const place = steps(error.schemaPath.slice(1))
  if (error.keyword === 'boolean') return new ManifestError(`${file}: ${field.join('.')}: there is no such field`)
  if (error.keyword === 'required') {
    const [missing] = error.params.requiredProperties
    field.push(missing)
    place.push('properties', missing)
  }
  return fault(file, field, String(at(schema, [...place, 'description']) ?? error.message), at(manifest, field))
}

function fault(file: string, field: string[], expected: string, found: unknown): ManifestError {
  const got = found === undefined ? 'nothing' : JSON.stringify(found).slice(0, 120)
  return new ManifestError(`${file}: ${field.join('.') || 'the whole file'}: expected ${expected}; found ${got}`)
}

/** The steps of a JSON pointer (RFC 6901). */
function steps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function at(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string, unknown> | null | undefined)?.[step], value)
}
