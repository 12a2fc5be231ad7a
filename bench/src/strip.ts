/**
 * `node dist/strip.js PHOTO --out FILE`: shows the faces of a photo, what a plain Gaussian and the engine make of them, and what deconvolution with the known
 * width of the blur brings back of each. To favour it the faces are anonymized as rectangles without a gradient.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, DEFAULT_PARAMETERS, grow, type Pixels } from '@obscura/engine'
import sharp from 'sharp'
import { type Chip, chipOf } from './identify/chip.js'
import { deconvolved } from './undo/deconvolve.js'
import type { Specimen } from './undo/objects.js'
import { anonymized, TREATMENTS } from './undo/treatment.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string', default: 'strip.jpg' }, faces: { type: 'string', default: '3' } },
})
if (positionals.length !== 1) throw new Error('Name a photo: node dist/strip.js PHOTO --out FILE')

/** Side in px of a face, and height of the captions. */
const SIDE = 200
const CAPTION_HEIGHT = 24

/** Power of noise to signal that the deconvolution reckons with: less shows more ringing than face. */
const NOISE = 5e-4

const SHOWN = ['plain Gaussian, kernel 0.1', 'plain Gaussian, default kernel', 'blur (default)']

const photo = await readFile(positionals[0])
const specimens = await facesOf(photo)
const tiles = [
  caption('original', 0),
  ...SHOWN.flatMap((name, i) => [caption(name, 2 * i + 1), caption('deconvolved', 2 * i + 2)]),
]
for (const [row, specimen] of specimens.entries()) {
  const chips = [await chipOf(specimen.pixels, specimen.box)]
  for (const name of SHOWN) {
    const published = await anonymized(specimen, 'face', TREATMENTS.find(treatment => treatment.name === name)!, true)
    for (const pixels of [published.pixels, deconvolved(published, NOISE)]) chips.push(await chipOf(pixels, specimen.box))
  }
  for (const [column, chip] of chips.entries()) tiles.push(await tileOf(chip, row, column))
}
const size = { width: (2 * SHOWN.length + 1) * SIDE, height: CAPTION_HEIGHT + specimens.length * SIDE }
await sharp({ create: { ...size, channels: 3, background: '#fff' } })
  .composite(tiles)
  .jpeg({ quality: 88 })
  .toFile(values.out)
console.log(values.out)

/** The surest faces of a photo, from left to right; half as much again around each so that hair and neck are seen. */
async function facesOf(file: Uint8Array): Promise<Specimen[]> {
  const engine = createEngine({ modelsFolder: fileURLToPath(new URL('../../models', import.meta.url)), children: 1 })
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
    .slice(0, Number(values.faces))
    .sort((a, b) => a.box[0] - b.box[0])
    .map(({ box }) => ({ pixels, box: grow(box, -0.08, -0.08) }))
}

async function tileOf({ width, height, data }: Chip, row: number, column: number) {
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
