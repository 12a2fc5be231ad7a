/**
 * Makes every model of the manifests ready: what ships or was converted before is checked, the rest
 * is converted into the cache folder.
 */
import { realpathSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Manifest, readManifests } from '@obscura/engine/manifest'
import { type BuildProgress, printProgress } from './progress.js'
import { readRanges } from './quantise/ranges.js'
import { readSources, sha256 } from './sources.js'
import { isStamped, stamp } from './stamp.js'

/** What is built, and how that is watched and ended. */
export interface BuildOptions {
  /** The folder with manifests, weights, node_modules and cache; this package by default. */
  modelsFolder?: string
  onProgress?: (progress: BuildProgress) => void
  /** Stops before the next model. */
  signal?: AbortSignal
}

/**
 * Makes every model ready. May be interrupted at any moment, by a crash as well, and called again:
 * files appear whole or not at all.
 * @throws ManifestError for a faulty manifest, Error for a file that is missing or is not the
 * expected one.
 */
export async function buildModels({ modelsFolder = packageFolder, onProgress, signal }: BuildOptions = {}): Promise<void> {
  const manifests = await readManifests(modelsFolder)
  const total = manifests.length
  for (const [index, manifest] of manifests.entries()) {
    signal?.throwIfAborted()
    let state: BuildProgress['state'] = 'ready'
    for (const product of productsOf(manifest)) {
      if (await isReady(product, modelsFolder)) continue
      if (state === 'ready') onProgress?.({ manifest, state: 'building', done: index, total })
      await build(product, manifest, modelsFolder)
      state = 'built'
    }
    onProgress?.({ manifest, state, done: index + 1, total })
  }
}

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

/** A file that is made: its path, what it must be, and how it comes to be where there is a way. */
interface Product {
  /** Of its stamp. */
  name: string
  /** The place in the manifest of `file` and `sha256`. */
  field: string
  file: string
  sha256: string
  make?: (manifest: Manifest, modelsFolder: string) => Promise<Uint8Array>
}

/** The files of a model, each after those that it is made from. */
function productsOf({ name, file, sha256, build, int8 }: Manifest): Product[] {
  const float = { name, field: '', file, sha256, make: build && convertSources }
  if (!int8) return [float]
  return [float, { ...int8, name: `${name}.int8`, field: 'int8.', make: int8.ranges ? quantiseFloat : undefined }]
}

async function isReady(product: Product, modelsFolder: string): Promise<boolean> {
  if (await isStamped(product, modelsFolder)) return true
  const bytes = await readFile(join(modelsFolder, product.file)).catch(() => undefined)
  if (bytes === undefined || sha256(bytes) !== product.sha256) return false
  await stamp(product, modelsFolder)
  return true
}

async function build(product: Product, manifest: Manifest, modelsFolder: string): Promise<void> {
  if (product.make === undefined) throw new Error(await whyUnusable(product, manifest, modelsFolder))
  const { field, file, sha256: expected } = product
  const model = await product.make(manifest, modelsFolder)
  if (sha256(model) !== expected) {
    throw new Error(
      `manifests/${manifest.name}.json: ${field}sha256: the conversion to ${file} gave ${sha256(model)}, not ${expected}`,
    )
  }
  await writeWhole(join(modelsFolder, file), model)
  await stamp(product, modelsFolder)
}

async function convertSources({ name, build, input }: Manifest, modelsFolder: string): Promise<Uint8Array> {
  const files = await readSources(build!, modelsFolder)
  // Loaded only when needed: a start with nothing to do stays fast.
  const { convert } = await import('./convert.js')
  try {
    return convert(build!, files, input.tensor)
  } catch (error) {
    throw new Error(`${build!.package} cannot be converted to ${name}: ${(error as Error).message}`, { cause: error })
  }
}

async function quantiseFloat({ name, file, sha256, int8, input }: Manifest, modelsFolder: string): Promise<Uint8Array> {
  const { quantise } = await import('./quantise/quantise.js')
  try {
    const ranges = await readRanges(join(modelsFolder, int8!.ranges!), sha256)
    return quantise(await readFile(join(modelsFolder, file)), input, ranges)
  } catch (error) {
    throw new Error(`${name} cannot be quantised: ${(error as Error).message}`, { cause: error })
  }
}

async function whyUnusable(
  { field, file, sha256: expected }: Product,
  { name }: Manifest,
  modelsFolder: string,
): Promise<string> {
  const path = join(modelsFolder, file)
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes === undefined) return `manifests/${name}.json: ${field}file: there is no ${path}`
  return `manifests/${name}.json: ${field}sha256: expected that of ${path}, which is ${sha256(bytes)}; found ${expected}`
}

/** Maximum age of a file being written, in ms; an older one was left by a killed build. */
const abandoned = 60_000

/** Writes to a temporary file and renames it: readers see the old file or the new one. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  const prefix = `${basename(path)}.partial-`
  for (const left of (await readdir(folder)).filter(file => file.startsWith(prefix))) {
    const { mtimeMs } = await stat(join(folder, left))
    if (Date.now() - mtimeMs > abandoned) await rm(join(folder, left), { force: true })
  }
  const aside = join(folder, prefix + process.pid)
  await writeFile(aside, bytes)
  await rename(aside, path)
}

/** Whether this file is the program that runs, under whatever name it was called. */
function isProgram(): boolean {
  try {
    return realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
  } catch {
    return false
  }
}

if (isProgram()) {
  try {
    await buildModels({ onProgress: printProgress(process.stdout) })
  } catch (error) {
    console.error(`Models: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
