/**
 * Shows the faces of a photo, what a plain Gaussian and the engine make of them, and what
 * deconvolution with the known width of the blur brings back of each. To favour it the faces are
 * anonymized as rectangles without a gradient.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createEngine, DEFAULT_PARAMETERS, grow, type Pixels } from '@obscura/engine'
import type { Command } from 'commander'
import sharp from 'sharp'
import { foldersOf, type ModelOptions, positive, withModels } from '../options.js'
import type { Table } from '../report/table.js'
import { repositoryPath } from '../repository.js'
import { deconvolved } from './deblur/deconvolve.js'
import type { Sample } from './deblur/objects.js'
import { anonymized, TREATMENTS } from './deblur/treatment.js'
import { type Crop, cropOf } from './identify/crop.js'

interface Options extends ModelOptions {
  out: string
  faces: number
}

export function command(command: Command): Command {
  return withModels(command)
    .argument('<photo>')
    .option('--out <file>', 'the figure, a JPEG', repositoryPath('bench/out/deblur.jpg'))
    .option('--faces <number>', 'number of faces, the most certain ones', positive, 3)
}

/** Side in px of a face, and height of the captions. */
const SIDE = 200
const CAPTION_HEIGHT = 24

/**
 * Power of noise to signal that the deconvolution reckons with: less shows more ringing than face.
 */
const NOISE = 5e-4

const SHOWN = ['plain Gaussian, kernel 0.1', 'plain Gaussian, default kernel', 'blur (default)']

export async function run({ out, faces, ...models }: Options, [photo]: string[]): Promise<Table[]> {
  const samples = await facesOf(await readFile(photo), faces, models)
  const tiles = [
    caption('original', 0),
    ...SHOWN.flatMap((name, i) => [caption(name, 2 * i + 1), caption('deconvolved', 2 * i + 2)]),
  ]
  for (const [row, sample] of samples.entries()) {
    const crops = [await cropOf(sample.pixels, sample.box)]
    for (const name of SHOWN) {
      const published = await anonymized(sample, 'face', TREATMENTS.find(treatment => treatment.name === name)!, true)
      for (const pixels of [published.pixels, deconvolved(published, NOISE)]) crops.push(await cropOf(pixels, sample.box))
    }
    for (const [column, crop] of crops.entries()) tiles.push(await tileOf(crop, row, column))
  }
  await mkdir(dirname(out), { recursive: true })
  const size = { width: (2 * SHOWN.length + 1) * SIDE, height: CAPTION_HEIGHT + samples.length * SIDE }
  await sharp({ create: { ...size, channels: 3, background: '#fff' } })
    .composite(tiles)
    .jpeg({ quality: 88 })
    .toFile(out)
  return [{ head: ['photo', 'faces', 'figure'], rows: [[photo, samples.length, out]] }]
}

/**
 * The most certain faces of a photo, from left to right; half as much again around each so that
 * hair and neck are seen.
 */
async function facesOf(file: Uint8Array, count: number, models: ModelOptions): Promise<Sample[]> {
  const engine = createEngine({ ...foldersOf(models), children: 1 })
  const { detections } = await engine.anonymize(file, { ...DEFAULT_PARAMETERS, face: true, anonymization_method: 'detect' })
  await engine.close()
  const { data, info } = await sharp(file)
    .autoOrient()
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const pixels: Pixels = { width: info.width, height: info.height, channels: 3, data: new Uint8Array(data) }
  return detections
    .sort((a, b) => b.score - a.score)
    .slice(0, count)
    .sort((a, b) => a.box[0] - b.box[0])
    .map(({ box }) => ({ pixels, box: grow(box, -0.08, -0.08) }))
}

async function tileOf({ width, height, data }: Crop, row: number, column: number) {
  const input = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(SIDE, SIDE, { fit: 'fill' })
    .png()
    .toBuffer()
  return { input, left: column * SIDE, top: CAPTION_HEIGHT + row * SIDE }
}

function caption(text: string, column: number) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${CAPTION_HEIGHT}">
    <text x="4" y="16" font-size="12" font-family="sans-serif">${text}</text></svg>`
  return { input: Buffer.from(svg), left: column * SIDE, top: 0 }
}
