import { PANORAMA_PRESETS } from '@obscura/contract/parameters'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../errors.js'
import { pngChunks } from '../formats/png.js'
import { writePng } from '../formats/png-write.js'
import { uprightSize } from '../image.js'
import { raw, testImage } from '../test/images.js'
import { tinyJpeg } from '../test/tiny-jpeg.js'
import { probe } from './probe.js'

const LIMITS = { maximumPixels: 16384 * 8192, format: 'whole' }
const photo = testImage(40, 30)

function refusal(bytes: Uint8Array, options = LIMITS): EngineError {
  try {
    probe(bytes, options)
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('was accepted')
}

/** A JPEG header that claims a size; no image data follows. */
function jpegHeader(width: number, height: number): Uint8Array {
  const file = tinyJpeg().slice()
  const frame = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0)
  new DataView(file.buffer).setUint16(frame + 5, height)
  new DataView(file.buffer).setUint16(frame + 7, width)
  return file
}

describe('what the header says', () => {
  it.each([
    ['a JPEG', raw(photo).jpeg(), { format: 'jpeg', colour: 'rgb', bitDepth: 8, fullChroma: false }],
    ['a JPEG with full-resolution colour', raw(photo).jpeg({ chromaSubsampling: '4:4:4' }), { fullChroma: true }],
    ['a progressive JPEG', raw(photo).jpeg({ progressive: true }), { format: 'jpeg', colour: 'rgb' }],
    ['a gray JPEG', raw(photo).toColourspace('b-w').jpeg(), { format: 'jpeg', colour: 'gray' }],
    ['a CMYK JPEG', raw(photo).toColourspace('cmyk').jpeg(), { format: 'jpeg', colour: 'cmyk' }],
    ['a PNG', raw(photo).png(), { format: 'png', colour: 'rgb', bitDepth: 8 }],
    ['a PNG with alpha', raw(photo).ensureAlpha(0.5).png(), { format: 'png', colour: 'rgb', bitDepth: 8 }],
    ['a gray PNG', raw(photo).toColourspace('b-w').png(), { format: 'png', colour: 'gray' }],
    ['a PNG with a palette', raw(photo).png({ palette: true }), { format: 'png', colour: 'rgb', bitDepth: 8 }],
    ['a PNG with 16 bits', raw(photo).toColourspace('rgb16').png(), { format: 'png', colour: 'rgb', bitDepth: 16 }],
  ])('%s', async (_, image, expected) => {
    expect(probe(await image.toBuffer(), LIMITS)).toMatchObject({ width: 40, height: 30, orientation: 1, ...expected })
  })

  it('an animated PNG counts as its default image', async () => {
    const [header, ...others] = pngChunks(await raw(photo).png().toBuffer())
    const animated = writePng([header, { type: 'acTL', data: Uint8Array.of(0, 0, 0, 9, 0, 0, 0, 0) }, ...others])
    expect(probe(animated, LIMITS)).toMatchObject({ format: 'png', width: 40, height: 30 })
  })

  it('the upright size has its sides swapped where the orientation turns the image', () => {
    const header = { ...probe(tinyJpeg(), LIMITS), orientation: 6 }
    expect(uprightSize(header)).toEqual({ width: 8, height: 16 })
  })
})

describe('what is refused', () => {
  it('an empty file and one truncated in the header are defective', async () => {
    expect(refusal(new Uint8Array())).toMatchObject({ code: 'IMAGE_DEFECT', message: expect.stringContaining('empty') })
    for (const file of [await raw(photo).jpeg().toBuffer(), await raw(photo).png().toBuffer()]) {
      expect(refusal(file.subarray(0, 20)).code).toBe('IMAGE_DEFECT')
    }
  })

  it.each(['gif', 'webp', 'tiff', 'avif'] as const)('a %s image is of the wrong type', async format => {
    expect(
      refusal(
        await sharp(await raw(photo).png().toBuffer())
          .toFormat(format)
          .toBuffer(),
      ).code,
    ).toBe('CONTENT_TYPE_ERROR')
  })

  it('the largest common panorama is accepted, a decompression bomb is not', async () => {
    expect(probe(jpegHeader(16384, 8192), LIMITS)).toMatchObject({ width: 16384, height: 8192 })
    expect(refusal(jpegHeader(65500, 65500))).toMatchObject({
      code: 'IMAGE_DEFECT',
      message: expect.stringContaining('4290.3 megapixels'),
    })
    expect(refusal(jpegHeader(0, 100)).code).toBe('IMAGE_DEFECT')
    expect(refusal(jpegHeader(101, 100), { ...LIMITS, maximumPixels: 10_000 }).code).toBe('IMAGE_DEFECT')
  })

  it('a side that no JPEG can hold is refused, whatever the limit of pixels', () => {
    const withSize = (width: number, height: number) => {
      const data = Buffer.alloc(13)
      data.writeUInt32BE(width)
      data.writeUInt32BE(height, 4)
      return writePng([{ type: 'IHDR', data }])
    }
    expect(probe(withSize(65_535, 1), LIMITS)).toMatchObject({ width: 65_535, height: 1 })
    for (const [width, height] of [
      [65_536, 1],
      [1, 65_536],
      [2 ** 31, 2 ** 31],
    ]) {
      expect(refusal(withSize(width, height))).toMatchObject({ code: 'IMAGE_DEFECT', message: expect.stringContaining('65535') })
    }
    for (const [width, height] of [
      [0, 1],
      [1, 0],
    ]) {
      expect(refusal(withSize(width, height))).toMatchObject({
        code: 'IMAGE_DEFECT',
        message: expect.stringContaining('the size of the image is missing'),
      })
    }
  })

  it('a panorama preset demands its size', () => {
    for (const [format, [width, height]] of Object.entries(PANORAMA_PRESETS)) {
      expect(probe(jpegHeader(width, height), { ...LIMITS, format })).toMatchObject({ width, height })
      expect(refusal(jpegHeader(width, height - 1), { ...LIMITS, format }).code).toBe('PARAMETER_ERROR_FORMAT')
    }
    expect(refusal(jpegHeader(4096, 2048), { ...LIMITS, format: 'pano:4095' }).code).toBe('PARAMETER_ERROR_FORMAT')
  })

  it('the refusal of a preset names the format that fits', () => {
    for (const [width, height, fitting] of [
      [1600, 1064, 'whole'],
      [4000, 2000, 'whole'],
      [5640, 2816, 'pano:5640'],
    ] as const) {
      const { message } = refusal(jpegHeader(width, height), { ...LIMITS, format: 'pano:8000' })
      expect(message).toBe(
        `Format "pano:8000" is for images of 8000 x 4000 pixels; this one has ${width} x ${height}: use "${fitting}".`,
      )
    }
  })

  it('whatever the bytes are, they are read or refused', () => {
    const magic = fc.constantFrom(
      [0xff, 0xd8, 0xff],
      [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52],
    )
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        try {
          const { width, height, orientation } = probe(Uint8Array.from([...start, ...rest]), LIMITS)
          expect(width * height).toBeGreaterThan(0)
          expect(orientation).toBeLessThanOrEqual(8)
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError)
        }
      }),
    )
  })
})
