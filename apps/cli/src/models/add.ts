import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { inspectModel } from '@obscura/engine/inspect'
import { type Manifest, ManifestError, parseManifest } from '@obscura/engine/manifest'
import { CommandError } from '../command-error.js'
import { abortOnInterrupt, SIGINT_EXIT_CODE } from '../interrupt.js'
import { ownFolder } from '../models-folder.js'
import { type Entry, entryNamed, partsOf, signatureOf } from './catalogue.js'
import { download, type Remote } from './download.js'
import { showDownload } from './download-progress.js'
import { guessLayouts, LAYOUTS } from './layouts/guess.js'
import { aboutEntry } from './list.js'
import { newManifest } from './new-manifest.js'
import { copyWhole, fileOf, int8FileOf, linkOrCopy, manifestPath, writeManifest } from './own-folder.js'
import { sha256Of } from './sha256.js'
import { megabytes } from './tell.js'

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
  const manifest = await added(source, flags, folder)
  console.log(
    `Added ${manifest.name} to ${folder}. See what it finds with obscura models check ${manifest.name}, and make its scores comparable to those of the other models with obscura models calibrate ${manifest.name} --data FOLDER.`,
  )
}

function added(source: string, flags: AddFlags, folder: string): Promise<Manifest> {
  if (/^\w+:\/\//.test(source)) return addUrl(source, flags, folder)
  if (!existsSync(source)) return addEntry(entryNamed(source), flags, folder)
  return extname(source) === '.json' ? addManifest(source, folder) : addFile(source, flags, folder)
}

async function addEntry(entry: Entry, flags: AddFlags, folder: string): Promise<Manifest> {
  console.log(`${aboutEntry(entry)}\n`)
  const manifest = newManifest({ ...facts(entry), file: fileOf(entry.name) }, signatureOf(entry), partsOf(entry))
  const target = join(folder, manifest.file)
  if (flags.file) await takeFile(flags.file, target, entry)
  else if (entry.url) await fetchFile({ ...entry, url: entry.url }, target)
  else {
    throw new CommandError(
      `${entry.name} cannot be downloaded by this command. Get it from ${entry.page} and run obscura models add ${entry.name} --file FILE.`,
    )
  }
  await requireTensors(manifest, folder)
  await writeManifest(folder, manifest)
  return manifest
}

function facts({ name, title, licence, origin, training, sha256, bytes, url, replaces, classes, cut }: Entry) {
  return { name, title, sha256, bytes, url, licence, origin, training, replaces, classes, cut }
}

async function addUrl(url: string, flags: AddFlags, folder: string): Promise<Manifest> {
  if (!flags.sha256)
    throw new CommandError('Give the SHA-256 that the publisher of the file states: --sha256 HEX. Nothing is loaded without it.')
  const name = nameFor(flags.name ?? basename(new URL(url).pathname))
  const target = join(folder, fileOf(name))
  await fetchFile({ url, sha256: readSha256(flags.sha256) }, target)
  return describe(name, target, { ...flags, url }, folder)
}

async function addFile(source: string, flags: AddFlags, folder: string): Promise<Manifest> {
  const name = nameFor(flags.name ?? basename(source))
  const target = join(folder, fileOf(name))
  await takeFile(source, target, { sha256: flags.sha256 && readSha256(flags.sha256) })
  return describe(name, target, flags, folder)
}

/** A manifest of one's own, whose files are relative to it. */
async function addManifest(source: string, folder: string): Promise<Manifest> {
  const manifest = parseManifest(await readFile(source, 'utf8'), source)
  const { name, int8 } = manifest
  const from = (file: string) => join(dirname(resolve(source)), file)
  const kept = { ...manifest, file: fileOf(name), ...(int8 && { int8: { ...int8, file: int8FileOf(name) } }) }
  await takeFile(from(manifest.file), join(folder, kept.file), manifest)
  if (int8) await takeFile(from(int8.file), join(folder, int8FileOf(name)), int8)
  await requireTensors(kept, folder)
  await writeManifest(folder, kept)
  return kept
}

/** Guesses the manifest of a file that nothing is known of. */
async function describe(name: string, target: string, flags: AddFlags & { url?: string }, folder: string): Promise<Manifest> {
  const signature = await inspectModel(folder, fileOf(name))
  const guesses = guessLayouts(signature)
  const guess = flags.layout ? guesses.find(other => other.name === flags.layout) : guesses[0]
  if (!guess) {
    await rm(target)
    throw new CommandError(
      `The tensors of ${name} fit ${flags.layout ? `not the layout ${flags.layout}` : 'no known layout'} (${Object.keys(LAYOUTS).join(', ')}). obscura models check shows them; docs/models.md explains how to write a manifest.`,
    )
  }
  console.log(`It looks like ${guess.layout.title} (${guess.fit}). Assumed: ${guess.layout.assumes}.`)
  const { size } = await stat(target)
  const manifest = newManifest(
    {
      ...{ name, title: name, file: fileOf(name), sha256: await sha256Of(target), bytes: size, url: flags.url },
      licence: flags.licence ?? 'not stated',
      ...{ origin: flags.url ?? 'a file of this machine', training: 'not stated' },
      ...(flags.classes && { classes: readClasses(flags.classes) }),
    },
    signature,
    guess.parts,
  )
  await writeManifest(folder, manifest)
  return manifest
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
  // Before it replaces a model of the same name that is in use.
  const found = sha256 && (await sha256Of(from))
  if (found === sha256) return copyWhole(from, target)
  throw new CommandError(`${from} has the SHA-256 ${found} instead of ${sha256}: it is not the expected file. Nothing was added.`)
}

/** Loads the file as the engine will, to see whether it has the tensors of its manifest. */
async function requireTensors(manifest: Manifest, folder: string): Promise<void> {
  const trial = await mkdtemp(join(tmpdir(), 'obscura-add-'))
  try {
    await linkOrCopy(join(folder, manifest.file), join(trial, 'net.onnx'))
    const { inputs } = await inspectModel(trial, 'net.onnx')
    const names = inputs.map(({ name }) => name)
    if (!names.includes(manifest.input.tensor))
      throw new ManifestError(`input.tensor: the file has no input "${manifest.input.tensor}", only ${names.join(', ')}`)
  } catch (error) {
    if (!existsSync(manifestPath(folder, manifest.name))) await rm(join(folder, manifest.file), { force: true })
    throw error
  } finally {
    await rm(trial, { recursive: true, force: true })
  }
}

function nameFor(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/\.onnx$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  if (/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) return name
  throw new CommandError(`No name can be derived from ${text}. Give one with --name.`)
}

function readSha256(text: string): string {
  const hex = text.trim().toLowerCase()
  if (/^[0-9a-f]{64}$/.test(hex)) return hex
  throw new CommandError('--sha256 must be 64 hex digits.')
}
