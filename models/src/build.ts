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
import { readSources, sha256 } from './sources.js'
import { isStamped, stamp } from './stamp.js'

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
    const building = () => onProgress?.({ manifest, state: 'building', done: index, total })
    const state = (await isReady(manifest, modelsFolder)) ? 'ready' : await build(manifest, modelsFolder, building)
    onProgress?.({ manifest, state, done: index + 1, total })
  }
}

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

async function isReady(manifest: Manifest, modelsFolder: string): Promise<boolean> {
  if (await isStamped(manifest, modelsFolder)) return true
  const bytes = await readFile(join(modelsFolder, manifest.file)).catch(() => undefined)
  if (bytes === undefined || sha256(bytes) !== manifest.sha256) return false
  await stamp(manifest, modelsFolder)
  return true
}

async function build(manifest: Manifest, modelsFolder: string, onStart: () => void): Promise<'built'> {
  const { name, file, sha256: expected, input } = manifest
  if (manifest.build === undefined) throw new Error(await whyUnusable(manifest, modelsFolder))
  onStart()
  const files = await readSources(manifest.build, modelsFolder)
  // Loaded only when needed: a start with nothing to do stays fast.
  const { convert } = await import('./convert.js')
  let model: Uint8Array
  try {
    model = convert(manifest.build, files, input.tensor)
  } catch (error) {
    throw new Error(`${manifest.build.package} cannot be converted to ${name}: ${(error as Error).message}`, { cause: error })
  }
  if (sha256(model) !== expected) {
    throw new Error(`manifests/${name}.json: sha256: the conversion to ${file} gave ${sha256(model)}, not ${expected}`)
  }
  await writeWhole(join(modelsFolder, file), model)
  await stamp(manifest, modelsFolder)
  return 'built'
}

async function whyUnusable({ name, file, sha256: expected }: Manifest, modelsFolder: string): Promise<string> {
  const path = join(modelsFolder, file)
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes === undefined) return `manifests/${name}.json: file: there is no ${path}`
  return `manifests/${name}.json: sha256: expected that of ${path}, which is ${sha256(bytes)}; found ${expected}`
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
