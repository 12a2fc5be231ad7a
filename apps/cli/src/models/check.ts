import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { CLASSES, type Output } from '@obscura/engine'
import { type Inspected, inspectModel } from '@obscura/engine/inspect'
import { readInstalled } from '@obscura/engine/installed'
import type { DetectorManifest } from '@obscura/engine/manifest'
import { columns } from '../columns.js'
import { CommandError } from '../command-error.js'
import { MODELS_FOLDER, modelFolders } from '../models-folder.js'
import { drawDetections } from './draw.js'
import { type Guess, guessLayouts, LAYOUTS } from './layouts/guess.js'
import { modelName } from './model-name.js'
import { newManifest } from './new-manifest.js'
import { linkOrCopy } from './own-folder.js'
import { sha256Of } from './sha256.js'
import { megabytes } from './tell.js'
import { openTrial } from './trial.js'
import { writeError } from './write-error.js'

/** The flags of `obscura models check`. */
export interface CheckFlags {
  image?: string
  out?: string
  layout?: string
  threshold: number
}

/** A photo of a street; images of the service have no tests, and so no photo. */
const PHOTO = join(MODELS_FOLDER, '../tests/fixtures/street-taxis.jpg')

/**
 * Loads a model, runs it on an image and draws what it finds.
 * @param source the name of an installed model, or an ONNX file
 * @throws CommandError or one of expected-errors.ts when it cannot be loaded or does not work
 */
export async function check(source: string, flags: CheckFlags): Promise<void> {
  const imageFile = flags.image ?? PHOTO
  const image = await readFile(imageFile).catch((error: Error) => {
    throw new CommandError(`The image cannot be read: ${error.message}. Name one with --image.`)
  })
  const { models } = await readInstalled(modelFolders())
  const model = models.find(({ manifest }) => manifest.name === source)
  if (!model && !existsSync(source))
    throw new CommandError(`${source} is neither an installed model nor a file. obscura models list shows the models.`)
  if (model?.manifest.task === 'segment')
    throw new CommandError(`${source} outlines objects that other models find, so it cannot be checked alone.`)
  if (model) await checkModel(model.manifest as DetectorManifest, model.folder, image, { ...flags, imageFile })
  else await checkFile(source, image, { ...flags, imageFile })
}

type Settings = CheckFlags & { imageFile: string }

async function checkFile(source: string, image: Buffer, flags: Settings): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'obscura-check-'))
  try {
    const name = modelName(basename(source)) ?? 'model'
    const file = `${name}.onnx`
    await linkOrCopy(source, join(folder, file))
    const inspected = await inspectModel(folder, file)
    tellTensors(inspected)
    const guesses = guessLayouts(inspected)
    tellGuesses(guesses)
    const guess = flags.layout ? guesses.find(({ name }) => name === flags.layout) : guesses[0]
    if (!guess) return
    const facts = { name, title: name, file, sha256: await sha256Of(join(folder, file)) }
    const unknown = { licence: 'not stated', origin: 'not stated', training: 'not stated' }
    const manifest = newManifest({ ...facts, ...unknown }, inspected, guess.parts) as DetectorManifest
    await runOn(manifest, folder, image, flags, basename(source, '.onnx'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function checkModel(manifest: DetectorManifest, folder: string, image: Buffer, flags: Settings): Promise<void> {
  tellTensors(await inspectModel(folder, manifest.file))
  await runOn(manifest, folder, image, flags, manifest.name)
}

function tellTensors({ inputs, outputs, loadMs, peakBytes }: Inspected & { peakBytes: number }): void {
  const row = (kind: string, { name, type, shape }: Inspected['inputs'][number]) => [
    kind,
    name,
    type,
    shape.map(side => side || '?').join(' x '),
  ]
  const rows = [...inputs.map(tensor => row('input', tensor)), ...outputs.map(tensor => row('output', tensor))]
  console.log(columns([['', 'TENSOR', 'TYPE', 'SHAPE'], ...rows]))
  console.log(
    `\nLoaded in ${Math.round(loadMs)} ms${peakBytes > 0 ? `; its process needs ${megabytes(peakBytes)} of memory` : ''}.`,
  )
}

function tellGuesses(guesses: readonly Guess[]): void {
  const known = guesses.map(
    ({ name, layout, fit }) =>
      `\nLayout ${name}, ${fit}: ${layout.title}.\n  Not in the tensors, and assumed: ${layout.assumes}.`,
  )
  const unknown = `\nThe tensors fit no known layout (${Object.keys(LAYOUTS).join(', ')}). docs/models.md explains how to write a manifest.`
  console.log(known.join('\n') || unknown)
}

async function runOn(manifest: DetectorManifest, folder: string, image: Buffer, flags: Settings, name: string): Promise<void> {
  const trial = await openTrial(manifest, folder)
  let output: Output
  try {
    // The first run loads the network.
    await trial.detect(image, flags.threshold)
    output = await trial.detect(image, flags.threshold)
  } finally {
    await trial.close()
  }
  const { detections, timings, width, height } = output
  console.log(`\nOne run over ${basename(flags.imageFile)} (${width} x ${height} px): ${Math.round(timings.detect)} ms.`)
  const counts = CLASSES.map(of => [of, detections.filter(({ class: found }) => found === of).map(({ score }) => score)] as const)
  const rows = counts
    .filter(([, scores]) => scores.length > 0)
    .map(([of, scores]) => [
      of,
      String(scores.length),
      scores
        .slice(0, 8)
        .map(score => score.toFixed(2))
        .join(' '),
    ])
  console.log(
    rows.length > 0
      ? columns([['FOUND', 'COUNT', 'HIGHEST RAW SCORES'], ...rows])
      : `Nothing found with a raw score of ${flags.threshold} or more.`,
  )
  const out = flags.out ?? `${name}-check.jpg`
  const drawn = await drawDetections(image, detections)
  await writeFile(out, drawn).catch(error => {
    throw writeError(out, error)
  })
  console.log(
    `\nThe detections are drawn in ${out}. Look at it: boxes beside the objects mean a wrong layout, colour order or size.`,
  )
}
