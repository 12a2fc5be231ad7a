import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, expect, it } from 'vitest'
import { pngChunks } from './formats/png.js'
import { writePng } from './formats/png-write.js'
import { createEngine, DEFAULT_PARAMETERS, type EngineParameters } from './index.js'
import { raw, testImage } from './test/images.js'
import { tinyJpeg } from './test/tiny-jpeg.js'

const modelsFolder = fileURLToPath(new URL('../../../models', import.meta.url))
/** One real engine process with real networks. */
const engine = createEngine({ modelsFolder, profile: 'fast', children: 1, limits: { pixels: 1e6 } })
afterAll(() => engine.close())

const photo = testImage(96, 64)
const jpeg = await raw(photo).jpeg().toBuffer()
const png = await raw(photo).png().toBuffer()

const start = (file: Buffer, fraction: number) => file.subarray(0, Math.floor(file.length * fraction))

async function animated(): Promise<Uint8Array> {
  const [header, ...others] = pngChunks(png)
  const control = { type: 'acTL', data: Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0) }
  const frame = { type: 'fdAT', data: Buffer.concat([Buffer.alloc(4), others.find(({ type }) => type === 'IDAT')!.data]) }
  return writePng([header, control, ...others.slice(0, -1), frame, others.at(-1)!])
}

const works: [string, Uint8Array | Promise<Uint8Array>][] = [
  ['a JPEG', jpeg],
  ['a PNG', png],
  ['an animated PNG: its default image', animated()],
  ['CMYK', raw(photo).toColourspace('cmyk').jpeg().toBuffer()],
  ['16 bits', raw(photo).toColourspace('rgb16').png().toBuffer()],
  ['gray', raw(photo).toColourspace('b-w').jpeg().toBuffer()],
  ['a palette', raw(photo).png({ palette: true }).toBuffer()],
  ['alpha', raw(photo).ensureAlpha(0.5).png().toBuffer()],
  ['progressive', raw(photo).jpeg({ progressive: true }).toBuffer()],
  ['interlaced', raw(photo).png({ progressive: true }).toBuffer()],
  ['full-resolution colour', raw(photo).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()],
  ['restart markers', tinyJpeg()],
  ['scan parameters that only cameras write', tinyJpeg({ lastCoefficient: 0 })],
  ['one pixel', raw(testImage(1, 1)).jpeg().toBuffer()],
  ['one row', raw(testImage(300, 1)).png().toBuffer()],
  ['a lost tail', start(jpeg, 0.97)],
]

const fails: [string, Uint8Array | Promise<Uint8Array>, string, Partial<EngineParameters>?][] = [
  ['an empty file', new Uint8Array(), 'IMAGE_DEFECT'],
  ['a text', Buffer.from('no image'), 'CONTENT_TYPE_ERROR'],
  ['another format', raw(photo).webp().toBuffer(), 'CONTENT_TYPE_ERROR'],
  ['a JPEG cut in its header', start(jpeg, 0.1), 'IMAGE_DEFECT'],
  ['a PNG cut in its first rows', start(png, 0.05), 'IMAGE_DEFECT'],
  [
    'a decompression bomb',
    raw({ width: 2000, height: 2000, data: new Uint8Array(12e6) })
      .png()
      .toBuffer(),
    'IMAGE_DEFECT',
  ],
  [
    'noise behind a JPEG magic',
    Uint8Array.from({ length: 5000 }, (_, i) => (i < 3 ? jpeg[i] : (i * 7919) % 251)),
    'IMAGE_DEFECT',
  ],
  ['a size that is not the preset', jpeg, 'PARAMETER_ERROR_FORMAT', { format: 'pano:8000' }],
]

it('every file works or fails alone with its cause, all in one child', async () => {
  const parameters = { ...DEFAULT_PARAMETERS, license_plate: true }
  const working = works.map(async ([name, file]) => {
    const { image, format, width, height } = await engine.anonymize(await file, parameters)
    const is = await sharp(image).metadata()
    expect(is, name).toMatchObject({ format, width, height })
    return is.width
  })
  const failing = fails.map(async ([name, file, code, special]) => {
    const outcome = engine.anonymize(await file, { ...parameters, ...special })
    await expect(outcome, name).rejects.toMatchObject({ name: 'EngineError', code, message: /^[A-Z].*\.$/s })
  })
  await Promise.all(failing)
  expect(await Promise.all(working)).toHaveLength(works.length)
})
