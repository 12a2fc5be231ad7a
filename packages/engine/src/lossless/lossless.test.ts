import { execFileSync } from 'node:child_process'
import { DEFAULT_PARAMETERS } from '@obscura/contract/parameters'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decode } from '../decode/decode.js'
import type { Region } from '../detection.js'
import { jpegSegments } from '../formats/jpeg.js'
import type { Box } from '../geometry.js'
import { readMetadata } from '../metadata/metadata.js'
import { probe } from '../probe/probe.js'
import { render } from '../render/render.js'
import { rectangle } from '../segment/shape.js'
import { raw, testImage } from '../test/images.js'
import { runPipeline } from '../test/pipeline.js'
import { tinyJpeg } from '../test/tiny-jpeg.js'
import type { Coefficients } from './coefficients.js'
import { encodeLossless } from './lossless.js'
import { paintedBlocks } from './painted.js'
import { readCoefficients } from './read.js'

/**
 * 150 x 90: the last MCU of each row and column is cut by the image's edge. Textured, so that no
 * block is flat.
 */
const smooth = testImage(150, 90)
const photo = { ...smooth, data: smooth.data.map((value, i) => (value >> 1) + (((i * 2654435761) >>> 16) & 127)) }
const plain = await raw(photo).jpeg({ quality: 88 }).toBuffer()

/** Anonymizes a plate whose rectangle and gradient are known. */
async function blurred(file: Uint8Array, box: Box, parameters = {}) {
  const header = probe(file, { maximumPixels: 1e6, format: 'whole' })
  const metadata = readMetadata(header)
  const { pixels } = await decode(file, header, metadata.icc)
  const region: Region = { class: 'license_plate', score: 1, box, shape: 'rectangle', mask: rectangle(box, pixels) }
  const painted = paintedBlocks(pixels)
  render(pixels, [region], { ...DEFAULT_PARAMETERS, ...parameters }, { onPaint: painted.mark })
  return { image: await encodeLossless(file, header, pixels, painted, metadata), pixels }
}

/** By MCU, row by row: whether all coefficients of all components are the same. */
function sameMcus(a: Coefficients, b: Coefficients): boolean[] {
  const across = Math.ceil(a.width / a.mcuWidth)
  const down = Math.ceil(a.height / a.mcuHeight)
  return Array.from({ length: across * down }, (_, mcu) =>
    a.components.every(({ h, v, columns, usedColumns, usedRows, blocks }, i) =>
      Array.from({ length: h * v }, (_, j) => {
        const column = (mcu % across) * h + (j % h)
        const row = Math.floor(mcu / across) * v + Math.floor(j / h)
        const [from, to] = [64 * (row * columns + column), 64 * (row * columns + column + 1)]
        const isShown = column < usedColumns && row < usedRows
        return !isShown || blocks.subarray(from, to).every((value, k) => value === b.components[i].blocks[from + k])
      }).every(Boolean),
    ),
  )
}

/** The MCUs that a box touches, in the order of sameMcus. */
function touched({ width, height, mcuWidth, mcuHeight }: Coefficients, [x1, y1, x2, y2]: Box): boolean[] {
  const across = Math.ceil(width / mcuWidth)
  return Array.from({ length: across * Math.ceil(height / mcuHeight) }, (_, i) => {
    const [left, top] = [(i % across) * mcuWidth, Math.floor(i / across) * mcuHeight]
    return left < x2 && left + mcuWidth > x1 && top < y2 && top + mcuHeight > y1
  })
}

const tools = hasTools()

/** libjpeg's tools write formats that sharp does not: required in CI, optional for developers. */
function hasTools(): boolean {
  try {
    execFileSync('jpegtran', ['-copy', 'none'], { input: plain, stdio: ['pipe', 'pipe', 'ignore'] })
    return true
  } catch {
    if (process.env.REQUIRE_SERVICES) throw new Error('jpegtran is missing (Debian: libjpeg-turbo-progs)')
    console.warn('jpegtran is missing: fewer kinds of JPEG are tested')
    return false
  }
}

function jpegtran(...options: string[]): Uint8Array {
  return execFileSync('jpegtran', options, { input: plain })
}

function cjpeg(...options: string[]): Uint8Array {
  const head = Buffer.from(`P6 ${photo.width} ${photo.height} 255\n`)
  return execFileSync('cjpeg', options, { input: Buffer.concat([head, photo.data]) })
}

type Kind = [name: string, make: () => Uint8Array | Promise<Uint8Array>]

const KINDS: Kind[] = [
  ['baseline', () => plain],
  ['4:4:4', () => raw(photo).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()],
  ['gray', () => raw(photo).toColourspace('b-w').jpeg().toBuffer()],
  ['progressive', () => raw(photo).jpeg({ progressive: true, quality: 95 }).toBuffer()],
  ['of quality 10', () => raw(photo).jpeg({ quality: 10 }).toBuffer()],
  ['of quality 100', () => raw(photo).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()],
  ['scan parameters that only cameras write', () => tinyJpeg({ lastCoefficient: 0 })],
]
const KINDS_OF_TOOLS: Kind[] = [
  ['restart markers', () => jpegtran('-restart', '2B')],
  ['progressive with restart markers', () => jpegtran('-progressive', '-restart', '1')],
  ['4:2:2', () => cjpeg('-sample', '2x1')],
  ['4:4:0', () => cjpeg('-sample', '1x2')],
  ['4:1:1', () => cjpeg('-sample', '4x1')],
  ['gray with a sampling of its own', () => cjpeg('-grayscale', '-sample', '2x2')],
  ['quantizers of two bytes', () => cjpeg('-quality', '8')],
]

describe.each([...KINDS, ...(tools ? KINDS_OF_TOOLS : [])])('a JPEG: %s', (_, make) => {
  it.each<[string, Box]>([
    ['inside', [38.2, 30, 111, 67]],
    ['at the corner behind which MCUs are cut', [90, 50, 150, 90]],
  ])('only the MCUs under a region change: %s', async (_, box) => {
    const file = await make()
    const { image, pixels } = await blurred(file, box, { license_plate_anonymization_gradient_start: 0 })
    const [before, after] = [readCoefficients(file), readCoefficients(image)]
    const changed = touched(before, box)
    const same = sameMcus(before, after)
    expect(same.filter((_, i) => !changed[i])).not.toContain(false)
    // Coarse quantization can map new pixels to the same coefficients as the old ones.
    const coarsest = Math.max(...before.components[0].quantizers)
    if (coarsest < 100) expect(same.filter((_, i) => changed[i])).not.toContain(true)
    else expect(same.filter((_, i) => changed[i])).toContain(false)
    expect(after.components.map(({ quantizers }) => quantizers)).toEqual(before.components.map(({ quantizers }) => quantizers))
    // The painted pixels are shown, as well as the quality of the file allows.
    const shown = await sharp(image, { failOn: 'warning' }).toColourspace('srgb').raw().toBuffer()
    const error = shown.reduce((sum, value, i) => sum + Math.abs(value - pixels.data[i]), 0) / shown.length
    expect(error).toBeLessThan(2 + coarsest / 50)
  })

  it('without detections every coefficient stays', async () => {
    const file = await make()
    const { image, reencodeReason } = await runPipeline(file, {}, { lossless: true })
    expect(reencodeReason).toBeUndefined()
    expect(sameMcus(readCoefficients(file), readCoefficients(image!))).not.toContain(false)
  })
})

it('the gradient belongs to the region', async () => {
  const file = await raw(photo).jpeg({ chromaSubsampling: '4:4:4', quality: 100 }).toBuffer()
  const { image } = await blurred(file, [40, 24, 60, 32], { license_plate_anonymization_gradient_start: 1 })
  const [before, after] = [readCoefficients(file), readCoefficients(image)]
  const reach = touched(before, [30, 20, 70, 36])
  expect(sameMcus(before, after)).toEqual(reach.map(isTouched => !isTouched))
})

describe('a file that cannot be changed without loss is fully re-encoded, with the reason', () => {
  const turned = async () => sharp(plain).withMetadata({ orientation: 6 }).toBuffer()
  const cmyk = () => raw(photo).toColourspace('cmyk').jpeg().toBuffer()
  const cases: [string, () => Uint8Array | Promise<Uint8Array>, RegExp][] = [
    ['orientation', turned, /upright/],
    ['CMYK', cmyk, /gray and colour/],
    ['a lost tail', () => plain.subarray(0, -40), /truncated|damaged/],
    ['no end marker', () => plain.subarray(0, -2), /truncated|damaged/],
    ...(tools
      ? ([
          ['arithmetic coding', () => jpegtran('-arithmetic'), /format is not supported/],
          ['RGB', () => cjpeg('-rgb'), /RGB/],
        ] as [string, () => Uint8Array, RegExp][])
      : []),
  ]
  it.each(cases)('%s', async (_, make, reason) => {
    const { image, reencodeReason } = await runPipeline(await make(), {}, { lossless: true })
    expect(reencodeReason).toMatch(reason)
    expect(await sharp(image).metadata()).toMatchObject({ format: 'jpeg' })
  })
})

it('only the image and listed metadata of the file are written', async () => {
  const { image } = await blurred(Buffer.concat([plain, Buffer.from('trailing')]), [20, 20, 60, 40])
  const markers = [...jpegSegments(image)].map(({ marker }) => marker)
  expect(markers).toEqual([0xe0, 0xe1, 0xdb, 0xdb, 0xdb, 0xc0, 0xc4, 0xc4, 0xc4, 0xc4, 0xda])
  expect(Buffer.from(image).indexOf('ffd9', 0, 'hex')).toBe(image.length - 2)
})

it('any file keeps its pixels or is fully re-encoded', async () => {
  const progressive = await raw(photo).jpeg({ progressive: true }).toBuffer()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(plain, progressive), fc.nat(), fc.nat(255), async (file, position, value) => {
      const broken = Buffer.from(file)
      broken[2 + (position % (file.length - 2))] = value
      const outcome = await runPipeline(broken, {}, { lossless: true }).catch(error => error)
      if (outcome.name === 'EngineError') return
      const [shown, expected] = await Promise.all(
        [outcome.image, broken].map(bytes => sharp(bytes, { failOn: 'none', ignoreIcc: true }).raw().toBuffer()),
      )
      if (outcome.reencodeReason === undefined) expect(shown.equals(expected)).toBe(true)
    }),
    { numRuns: 150 },
  )
})
