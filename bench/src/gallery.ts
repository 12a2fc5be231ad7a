/**
 * `node dist/gallery.js PHOTO... --out FOLDER`: one picture a photo that shows the original and what each method and parameter makes of it, to be
 * looked at whenever rendering changes.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, DEFAULT_PARAMETERS, type Output, type Parameters, type Size } from '@obscura/engine'
import sharp from 'sharp'

const { values, positionals: photos } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'gallery' },
    models: { type: 'string', default: fileURLToPath(new URL('../../models', import.meta.url)) },
    width: { type: 'string', default: '640' },
  },
})
if (photos.length === 0) throw new Error('Name at least one photo: node dist/gallery.js PHOTO... --out FOLDER')

const ALL = { face: true, person: true, license_plate: true, vehicle: true }
const SMALL = { face: true, license_plate: true }
const WIDE = { face_anonymization_gradient_start: 1, license_plate_anonymization_gradient_start: 1 }
const HARD = { face_anonymization_gradient_start: 0, license_plate_anonymization_gradient_start: 0 }

interface Variant {
  caption: string
  parameters: Partial<Parameters>
  /** The plain Gaussian, which can be undone. */
  reversible?: boolean
  /** The left part of the image that is ignored, a share 0..1 of its width. */
  ignored?: number
  /** Which of the outputs is shown; default: the image. */
  shown?: 'binaryMask' | 'instanceMask'
}

const VARIANTS: Variant[] = [
  { caption: 'original, encoded again', parameters: {} },
  { caption: 'blur', parameters: ALL },
  { caption: 'pixelate', parameters: { ...ALL, anonymization_method: 'pixelate' } },
  { caption: 'blacken', parameters: { ...ALL, anonymization_method: 'blacken' } },
  { caption: 'faces and plates', parameters: SMALL },
  { caption: 'faces and plates, gradient start 1', parameters: { ...SMALL, ...WIDE } },
  { caption: 'faces and plates, no gradient', parameters: { ...SMALL, ...HARD } },
  { caption: 'faces and plates, kernel sizes 1', parameters: { ...SMALL, kernel_size_face: 1, kernel_size_license_plate: 1 } },
  { caption: 'faces and plates, kernel sizes 3', parameters: { ...SMALL, kernel_size_face: 3, kernel_size_license_plate: 3 } },
  {
    caption: 'the same, reversible',
    parameters: { ...SMALL, kernel_size_face: 3, kernel_size_license_plate: 3 },
    reversible: true,
  },
  { caption: 'faces and plates, pixelate', parameters: { ...SMALL, anonymization_method: 'pixelate' } },
  { caption: 'faces and plates, blacken', parameters: { ...SMALL, anonymization_method: 'blacken' } },
  {
    caption: 'persons and vehicles, kernel sizes 301',
    parameters: { person: true, vehicle: true, kernel_size_person: 301, kernel_size_vehicle: 301 },
  },
  { caption: 'persons and vehicles, reversible', parameters: { person: true, vehicle: true }, reversible: true },
  { caption: 'bbox', parameters: { ...ALL, bbox: true } },
  { caption: 'left half ignored', parameters: ALL, ignored: 0.5 },
  { caption: 'debug, score', parameters: { ...ALL, debug: true, score: true } },
  { caption: 'binary mask', parameters: { ...ALL, binary_segmentation_mask: true }, shown: 'binaryMask' },
  { caption: 'instance mask', parameters: { ...ALL, instance_segmentation_mask: true }, shown: 'instanceMask' },
  {
    caption: 'instance mask, scale 5',
    parameters: { ...ALL, instance_segmentation_mask: true, mask_scale: 5 },
    shown: 'instanceMask',
  },
]

const COLUMNS = 4
const CAPTION_HEIGHT = 26

const engines = {
  standard: createEngine({ modelsFolder: values.models, children: 1 }),
  reversible: createEngine({ modelsFolder: values.models, children: 1, reversible: true }),
}
await mkdir(values.out, { recursive: true })
for (const photo of photos) {
  const file = join(values.out, `${basename(photo).replace(/\.[^.]+$/, '')}.png`)
  await writeGallery(file, await readFile(photo), Number(values.width))
  console.log(file)
}
await Promise.all(Object.values(engines).map(engine => engine.close()))

async function writeGallery(file: string, photo: Uint8Array, width: number): Promise<void> {
  const { autoOrient: size } = await sharp(photo).metadata()
  const height = Math.round((width * size.height) / size.width)
  const tiles = []
  for (const [i, variant] of VARIANTS.entries()) {
    const input = await tile(await shownBy(variant, photo, size), variant.caption, width, height)
    tiles.push({ input, left: (i % COLUMNS) * width, top: Math.floor(i / COLUMNS) * (height + CAPTION_HEIGHT) })
  }
  const rows = Math.ceil(VARIANTS.length / COLUMNS)
  const canvas = { width: COLUMNS * width, height: rows * (height + CAPTION_HEIGHT), channels: 3 as const, background: '#fff' }
  await sharp({ create: canvas }).composite(tiles).png().toFile(file)
}

async function shownBy(
  { parameters, ignored = 0, reversible, shown }: Variant,
  photo: Uint8Array,
  size: Size,
): Promise<Uint8Array> {
  const ignores = [{ topLeftX: 0, topLeftY: 0, width: ignored * size.width, height: size.height }]
  const engine = reversible ? engines.reversible : engines.standard
  const output: Output = await engine.anonymize(photo, { ...DEFAULT_PARAMETERS, ...parameters, ignores })
  return output[shown ?? 'image']!
}

/** A picture reduced to the tile's width, its caption below. */
async function tile(picture: Uint8Array, caption: string, width: number, height: number): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${CAPTION_HEIGHT}">
    <text x="6" y="18" font-size="16" font-family="sans-serif">${caption}</text></svg>`
  const kernel = caption.includes('mask') ? 'nearest' : 'lanczos3'
  const reduced = await sharp(picture)
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
