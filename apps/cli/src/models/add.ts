import { existsSync } from 'node:fs'
import { copyFile, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { type Inspected, inspectModel } from '@obscura/engine/inspect'
import { type Manifest, ManifestError, parseManifest } from '@obscura/engine/manifest'
import { CommandError } from '../command-error.js'
import { abortOnInterrupt, SIGINT_EXIT_CODE } from '../interrupt.js'
import { MODELS_FOLDER, ownFolder } from '../models-folder.js'
import { type Entry, entryNamed, partsOf, signatureOf } from './catalogue.js'
import { download, type Remote } from './download.js'
import { showDownload } from './download-progress.js'
import { guessLayouts, LAYOUTS } from './layouts/guess.js'
import { aboutEntry } from './list.js'
import { modelName } from './model-name.js'
import { withNewFiles } from './new-files.js'
import { newManifest } from './new-manifest.js'
import { fileOf, int8FileOf, manifestPath } from './own-folder.js'
import { sha256Of } from './sha256.js'
import { megabytes } from './tell.js'

/** The flags of `obscura models add`. */
export interface AddFlags {
  file?: string
  sha256?: string
  name?: string
  layout?: string
  classes?: string
  licence?: string
}

/**
 * Adds a model: of the catalogue, a file, an address, or a manifest of one's own beside its file.
 * @throws CommandError or one of expected-errors.ts when it cannot be fetched, is not the expected
 * file, or cannot be loaded
 */
export async function add(source: string, flags: AddFlags): Promise<void> {
  const folder = ownFolder()
  const { name } = await added(source, flags, folder)
  const isBuiltIn = existsSync(manifestPath(MODELS_FOLDER, name))
  console.log(
    `Added ${name} to ${folder}${isBuiltIn ? ', in place of the built-in model of that name' : ''}. See what it finds with obscura models check ${name}, and make its scores comparable to those of the other models with obscura models calibrate ${name} --data FOLDER.`,
  )
}

type Flag = keyof AddFlags
const OF_FILES: readonly Flag[] = ['sha256', 'name', 'layout', 'classes', 'licence']

function added(source: string, flags: AddFlags, folder: string): Promise<Manifest> {
  if (/^\w+:\/\//.test(source)) return addUrl(source, only(flags, OF_FILES, 'a URL'), folder)
  if (!existsSync(source)) return addEntry(entryNamed(source), only(flags, ['file'], 'a model of the catalogue'), folder)
  if (extname(source) !== '.json') return addFile(source, only(flags, OF_FILES, 'a file'), folder)
  only(flags, [], 'a manifest')
  return addManifest(source, folder)
}

/** @throws CommandError for a flag that would have no effect */
function only(flags: AddFlags, known: readonly Flag[], source: string): AddFlags {
  const other = (Object.keys(flags) as Flag[]).find(flag => !known.includes(flag))
  if (other) throw new CommandError(`--${other} has no effect for ${source}: leave it out.`)
  return flags
}

function addEntry(entry: Entry, flags: AddFlags, folder: string): Promise<Manifest> {
  console.log(`${aboutEntry(entry)}\n`)
  return withNewFiles(folder, entry.name, async place => {
    const file = fileOf(entry.name)
    const target = join(place, basename(file))
    if (flags.file) await takeFile(flags.file, target, entry)
    else if (entry.url) await fetchFile({ ...entry, url: entry.url }, target)
    else {
      throw new CommandError(
        `${entry.name} cannot be downloaded by this command. Get it from ${entry.page} and run obscura models add ${entry.name} --file FILE.`,
      )
    }
    const inspected = await inspectModel(place, basename(file))
    const manifest = newManifest({ ...facts(entry), file }, signatureOf(entry), partsOf(entry, inspected.maps))
    requireInput(manifest, inspected)
    return manifest
  })
}

function facts({ name, title, licence, origin, training, sha256, bytes, url, replaces, classes, cut }: Entry) {
  return { name, title, sha256, bytes, url, licence, origin, training, replaces, classes, cut }
}

async function addUrl(url: string, flags: AddFlags, folder: string): Promise<Manifest> {
  if (!flags.sha256)
    throw new CommandError('Give the SHA-256 that the publisher of the file states: --sha256 HEX. Nothing is loaded without it.')
  const sha256 = readSha256(flags.sha256)
  const name = nameFor(flags.name ?? basename(new URL(url).pathname))
  return withNewFiles(folder, name, async place => {
    await fetchFile({ url, sha256 }, join(place, `${name}.onnx`))
    return describe(name, place, { ...flags, url })
  })
}

async function addFile(source: string, flags: AddFlags, folder: string): Promise<Manifest> {
  const name = nameFor(flags.name ?? basename(source))
  return withNewFiles(folder, name, async place => {
    await takeFile(source, join(place, `${name}.onnx`), { sha256: flags.sha256 && readSha256(flags.sha256) })
    return describe(name, place, flags)
  })
}

/** A manifest of one's own, whose files are relative to it. */
async function addManifest(source: string, folder: string): Promise<Manifest> {
  const manifest = parseManifest(await readFile(source, 'utf8'), source)
  const { name, int8 } = manifest
  const from = (file: string) => join(dirname(resolve(source)), file)
  const kept = { ...manifest, file: fileOf(name), ...(int8 && { int8: { ...int8, file: int8FileOf(name) } }) }
  return withNewFiles(folder, name, async place => {
    await takeFile(from(manifest.file), join(place, basename(kept.file)), manifest)
    if (int8) await takeFile(from(int8.file), join(place, basename(int8FileOf(name))), int8)
    requireInput(kept, await inspectModel(place, basename(kept.file)))
    return kept
  })
}

/** Guesses the manifest of a file in `place` that nothing is known of. */
async function describe(name: string, place: string, flags: AddFlags & { url?: string }): Promise<Manifest> {
  const file = join(place, `${name}.onnx`)
  const signature = await inspectModel(place, basename(file))
  const guesses = guessLayouts(signature)
  const guess = flags.layout ? guesses.find(other => other.name === flags.layout) : guesses[0]
  if (!guess)
    throw new CommandError(
      `The tensors of ${name} do not fit ${flags.layout ? `the layout ${flags.layout}` : 'any known layout'} (${Object.keys(LAYOUTS).join(', ')}). obscura models check shows them; docs/models.md explains how to write a manifest.`,
    )
  console.log(`It looks like ${guess.layout.title} (${guess.fit}). Assumed: ${guess.layout.assumes}.`)
  const { size } = await stat(file)
  return newManifest(
    {
      ...{ name, title: name, file: fileOf(name), sha256: await sha256Of(file), bytes: size, url: flags.url },
      licence: flags.licence ?? 'not stated',
      ...{ origin: flags.url ?? 'a file of this machine', training: 'not stated' },
      ...(flags.classes && { classes: readClasses(flags.classes) }),
    },
    signature,
    guess.parts,
  )
}

/** A word such as coco80, or pairs such as 0=face,2=vehicle. */
function readClasses(text: string): string | Record<string, string> {
  if (!text.includes('=')) return text
  return Object.fromEntries(text.split(',').map(pair => pair.split('=').map(part => part.trim())))
}

async function fetchFile(remote: Remote, target: string): Promise<void> {
  const { signal } = abortOnInterrupt()
  const progress = showDownload(basename(target), remote.bytes)
  try {
    await download(remote, target, { onProgress: progress.update, signal })
  } catch (error) {
    throw signal.aborted ? new CommandError('Interrupted. The same command continues.', SIGINT_EXIT_CODE) : error
  } finally {
    progress.stop()
  }
}

/**
 * Copies a local file after comparing it to what is known of it.
 * @throws CommandError
 */
async function takeFile(from: string, target: string, { sha256, bytes }: { sha256?: string; bytes?: number }): Promise<void> {
  const info = await stat(from).catch(() => undefined)
  if (!info?.isFile()) throw new CommandError(`${from} does not exist or is not a file.`)
  if (bytes !== undefined && info.size !== bytes)
    throw new CommandError(
      `${from} is ${megabytes(info.size)} (${info.size} bytes) instead of ${bytes} bytes: it is not the expected file.`,
    )
  const found = sha256 && (await sha256Of(from))
  if (found === sha256) return copyFile(from, target)
  throw new CommandError(`${from} has the SHA-256 ${found} instead of ${sha256}: it is not the expected file. Nothing was added.`)
}

/** @throws ManifestError when the file does not have the input of its manifest */
function requireInput({ input }: Manifest, { inputs }: Inspected): void {
  const names = inputs.map(({ name }) => name)
  if (!names.includes(input.tensor))
    throw new ManifestError(`input.tensor: the file has no input "${input.tensor}", only ${names.join(', ')}`)
}

function nameFor(text: string): string {
  const name = modelName(text)
  if (name) return name
  throw new CommandError(`No name can be derived from ${text}. Give one with --name.`)
}

function readSha256(text: string): string {
  const hex = text.trim().toLowerCase()
  if (/^[0-9a-f]{64}$/.test(hex)) return hex
  throw new CommandError('--sha256 must be 64 hex digits.')
}
