/**
 * One image for each photo that shows the original and what each method and parameter makes of it,
 * to be looked at whenever rendering changes.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  CLASSES,
  createEngine,
  DEFAULT_PARAMETERS,
  type Engine,
  type EngineParameters,
  type Output,
  type Size,
} from '@obscura/engine'
import type { Command } from 'commander'
import sharp from 'sharp'
import { foldersOf, type ModelOptions, positive, withModels } from '../options.js'
import type { Table } from '../report/table.js'
import { repositoryPath } from '../repository.js'

interface Options extends ModelOptions {
  out: string
  width: number
}

export function command(command: Command): Command {
  return withModels(command)
    .argument('<photos...>')
    .option('--out <folder>', 'a PNG for each photo', repositoryPath('bench/out/gallery'))
    .option('--width <px>', 'width of each image', positive, 640)
}

export async function run({ out, width, ...models }: Options, photos: string[]): Promise<Table[]> {
  await mkdir(out, { recursive: true })
  const rows: Table['rows'] = []
  for (const photo of photos) {
    const file = join(out, `${basename(photo).replace(/\.[^.]+$/, '')}.png`)
    await writeGallery(file, await readFile(photo), width, models)
    rows.push([photo, file])
  }
  return [{ head: ['photo', 'gallery'], rows }]
}

const ALL = { face: true, person: true, license_plate: true, vehicle: true }
const SMALL = { face: true, license_plate: true }
const BODIES = { person: true, vehicle: true }

/** Gradients of faces and plates. */
function gradient(start: number, stop: number): Partial<EngineParameters> {
  return {
    face_anonymization_gradient_start: start,
    face_anonymization_gradient_stop: stop,
    license_plate_anonymization_gradient_start: start,
    license_plate_anonymization_gradient_stop: stop,
  }
}

function thresholds(score: number): Partial<EngineParameters> {
  return { face_threshold: score, person_threshold: score, license_plate_threshold: score, vehicle_threshold: score }
}

/** Engines by what they are set to. */
const ENGINES = {
  standard: {},
  reversible: { reversible: true },
  'pre-v26.02.1': { maskLayout: 'pre-v26.02.1' },
  oldest: { maskLayout: 'oldest' },
} as const

interface Variant {
  caption: string
  parameters: Partial<EngineParameters>
  /** Default: standard. */
  engine?: keyof typeof ENGINES
  /** The left part of the image that is ignored, a fraction 0..1 of its width. */
  ignored?: number
  /** Which of the outputs is shown; default: the image. */
  shown?: 'binaryMask' | 'instanceMask'
}

const CLASS_VARIANTS = CLASSES.flatMap(name =>
  (['blur', 'pixelate', 'blacken'] as const).map(
    (method): Variant => ({ caption: `${name}: ${method}`, parameters: { [name]: true, anonymization_method: method } }),
  ),
)

const VARIANTS: Variant[] = [
  { caption: 'original, encoded again', parameters: {} },
  { caption: 'blur', parameters: ALL },
  { caption: 'pixelate', parameters: { ...ALL, anonymization_method: 'pixelate' } },
  { caption: 'blacken', parameters: { ...ALL, anonymization_method: 'blacken' } },
  ...CLASS_VARIANTS,
  { caption: 'gradient start 0', parameters: { ...SMALL, ...gradient(0, 0) } },
  { caption: 'gradient start 1', parameters: { ...SMALL, ...gradient(1, 0) } },
  { caption: 'gradient start 0, stop 0.8', parameters: { ...SMALL, ...gradient(0, 0.8) } },
  { caption: 'bbox', parameters: { ...ALL, bbox: true } },
  { caption: 'kernel sizes 1', parameters: { ...SMALL, kernel_size_face: 1, kernel_size_license_plate: 1 } },
  { caption: 'kernel sizes 3 (px)', parameters: { ...SMALL, kernel_size_face: 3, kernel_size_license_plate: 3 } },
  {
    caption: 'kernel sizes 9 (px), reversible',
    parameters: { ...SMALL, kernel_size_face: 9, kernel_size_license_plate: 9 },
    engine: 'reversible',
  },
  { caption: 'kernel sizes 301 (px)', parameters: { ...BODIES, kernel_size_person: 301, kernel_size_vehicle: 301 } },
  { caption: 'left half ignored', parameters: ALL, ignored: 0.5 },
  { caption: 'thresholds 0.1', parameters: { ...ALL, ...thresholds(0.1), debug: true, score: true } },
  { caption: 'thresholds 0.9', parameters: { ...ALL, ...thresholds(0.9), debug: true, score: true } },
  { caption: 'JPEG quality 5', parameters: { ...SMALL, quality: 5 } },
  { caption: 'debug', parameters: { ...ALL, debug: true } },
  { caption: 'debug, score', parameters: { ...ALL, debug: true, score: true } },
  { caption: 'binary mask', parameters: { ...ALL, binary_segmentation_mask: true }, shown: 'binaryMask' },
  { caption: 'binary mask, bbox', parameters: { ...ALL, bbox: true, binary_segmentation_mask: true }, shown: 'binaryMask' },
  { caption: 'instance mask', parameters: { ...ALL, instance_segmentation_mask: true }, shown: 'instanceMask' },
  {
    caption: 'instance mask, scale 5',
    parameters: { ...ALL, instance_segmentation_mask: true, mask_scale: 5 },
    shown: 'instanceMask',
  },
  {
    caption: 'instance mask, pre-v26.02.1',
    parameters: { ...ALL, instance_segmentation_mask: true },
    shown: 'instanceMask',
    engine: 'pre-v26.02.1',
  },
  {
    caption: 'instance mask, oldest',
    parameters: { ...ALL, instance_segmentation_mask: true },
    shown: 'instanceMask',
    engine: 'oldest',
  },
]

const COLUMNS = 4
const CAPTION_HEIGHT = 26

async function writeGallery(file: string, photo: Uint8Array, width: number, models: ModelOptions): Promise<void> {
  const { autoOrient: size } = await sharp(photo).metadata()
  const height = Math.round((width * size.height) / size.width)
  const tiles = []
  for (const [name, options] of Object.entries(ENGINES)) {
    const engine = createEngine({ ...foldersOf(models), children: 1, ...options })
    for (const [i, variant] of VARIANTS.entries()) {
      if ((variant.engine ?? 'standard') !== name) continue
      const input = await tile(await shownBy(engine, variant, photo, size), variant.caption, width, height)
      tiles.push({ input, left: (i % COLUMNS) * width, top: Math.floor(i / COLUMNS) * (height + CAPTION_HEIGHT) })
    }
    await engine.close()
  }
  const rows = Math.ceil(VARIANTS.length / COLUMNS)
  const canvas = { width: COLUMNS * width, height: rows * (height + CAPTION_HEIGHT), channels: 3 as const, background: '#fff' }
  await sharp({ create: canvas }).composite(tiles).png().toFile(file)
}

async function shownBy(
  engine: Engine,
  { parameters, ignored = 0, shown }: Variant,
  photo: Uint8Array,
  size: Size,
): Promise<Uint8Array> {
  const ignores = [{ topLeftX: 0, topLeftY: 0, width: ignored * size.width, height: size.height }]
  const output: Output = await engine.anonymize(photo, { ...DEFAULT_PARAMETERS, ...parameters, ignores })
  return output[shown ?? 'image']!
}

/** An image reduced to the tile's width, its caption below. */
async function tile(image: Uint8Array, caption: string, width: number, height: number): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${CAPTION_HEIGHT}">
    <text x="6" y="18" font-size="16" font-family="sans-serif">${caption}</text></svg>`
  const kernel = caption.includes('mask') ? 'nearest' : 'lanczos3'
  const reduced = await sharp(image)
    .autoOrient()
    .resize(width, height, { fit: 'fill', kernel })
    .toColourspace('srgb')
    .removeAlpha()
    .png()
    .toBuffer()
  return sharp(reduced)
    .extend({ bottom: CAPTION_HEIGHT, background: '#fff' })
    .composite([{ input: Buffer.from(svg), left: 0, top: height }])
    .png()
    .toBuffer()
}
