import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { pngChunks } from '../formats/png.js'
import { writePng } from '../formats/png-write.js'
import { writeTiff } from '../formats/tiff.js'
import { probe } from '../probe/probe.js'
import { difference, raw, testImage } from '../test/images.js'
import { DARK, LIGHT, tinyJpeg } from '../test/tiny-jpeg.js'
import { decode } from './decode.js'

const LIMITS = { maximumPixels: 1e8, format: 'whole' }
const photo = testImage(200, 150)

function decodeFile(file: Uint8Array) {
  const header = probe(file, LIMITS)
  return decode(file, header, header.carriers.icc)
}

describe('every kind of file becomes upright pixels', () => {
  it.each([
    ['JPEG', () => raw(photo).jpeg({ quality: 95 })],
    ['progressive JPEG', () => raw(photo).jpeg({ quality: 95, progressive: true })],
    ['4:4:4 JPEG', () => raw(photo).jpeg({ quality: 95, chromaSubsampling: '4:4:4' })],
    ['PNG', () => raw(photo).png()],
    ['interlaced PNG', () => raw(photo).png({ progressive: true })],
    ['PNG with a palette', () => raw(photo).png({ palette: true })],
  ])('%s: one buffer for looking and for rendering', async (_, image) => {
    const { raster, pixels } = await decodeFile(await image().toBuffer())
    expect(raster.data).toBe(pixels.data)
    expect(pixels).toMatchObject({ width: 200, height: 150, channels: 3 })
    expect(difference(pixels.data, photo.data)).toBeLessThan(8)
  })

  it('JPEG of which each scan has almost no data, up to 500 scans', async () => {
    const flat = { width: 200, height: 150, channels: 3, background: 'gray' } as const
    const file = await sharp({ create: flat }).grayscale().jpeg({ progressive: true }).toBuffer()
    const scanMarker = Buffer.of(0xff, 0xda)
    // Repeats what the file says, as if for the first time: no coefficient differs from 0.
    const again = Buffer.from(file.subarray(file.lastIndexOf(scanMarker), -2))
    again[9] = 0
    const scans = file.toString('latin1').split(scanMarker.toString('latin1')).length - 1
    const withScans = (count: number) =>
      Buffer.concat([file.subarray(0, -2), ...Array.from({ length: count - scans }, () => again), file.subarray(-2)])
    expect((await decodeFile(withScans(500))).pixels.width).toBe(200)
    const refusal = { code: 'IMAGE_DEFECT', message: expect.stringContaining('500 scans') }
    await expect(decodeFile(withScans(501))).rejects.toMatchObject(refusal)
  })

  it('CMYK becomes sRGB', async () => {
    const { raster, pixels } = await decodeFile(await raw(photo).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer())
    expect(raster.data).toBe(pixels.data)
    // Print inks do not reach every colour.
    expect(difference(pixels.data, photo.data)).toBeLessThan(30)
  })

  it('gray has three equal colours', async () => {
    const { pixels } = await decodeFile(await raw(photo).toColourspace('b-w').png().toBuffer())
    expect(pixels.data).toSatisfy((data: Uint8Array) => data.every((value, i) => value === data[i - (i % 3)]))
    expect(new Set(pixels.data).size).toBeGreaterThan(50)
  })

  it('alpha is kept, and detectors see the colours under it', async () => {
    const { raster, pixels } = await decodeFile(await raw(photo).ensureAlpha(0).png().toBuffer())
    expect(pixels.channels).toBe(4)
    expect(pixels.data.filter((_, i) => i % 4 === 3)).toSatisfy((alpha: Uint8Array) => alpha.every(value => value === 0))
    expect(difference(raster.data, photo.data)).toBe(0)
  })

  it('16-bit samples are kept exactly, and detectors get 8 bits', async () => {
    const deep = Uint16Array.from(photo.data, (value, i) => value * 256 + (i % 256))
    const file = sharp(deep, { raw: { width: 200, height: 150, channels: 3 } })
      .toColourspace('rgb16')
      .png()
    const { raster, pixels } = await decodeFile(await file.toBuffer())
    expect(difference(pixels.data, deep)).toBe(0)
    expect(pixels.data).toBeInstanceOf(Uint16Array)
    expect(difference(raster.data, photo.data)).toBeLessThan(1)
  })

  it('restart markers, and the scan parameters that some cameras write', async () => {
    for (const file of [tinyJpeg(), tinyJpeg({ lastCoefficient: 0 })]) {
      const { pixels } = await decodeFile(file)
      expect([...pixels.data.slice(0, 3)]).toEqual([LIGHT, LIGHT, LIGHT])
      expect([...pixels.data.slice(-3)]).toEqual([DARK, DARK, DARK])
    }
  })

  it('one single pixel', async () => {
    for (const file of [await raw(testImage(1, 1)).png().toBuffer(), await raw(testImage(1, 1)).jpeg().toBuffer()]) {
      expect((await decodeFile(file)).pixels).toMatchObject({ width: 1, height: 1 })
    }
  })
})

describe('colour profiles', () => {
  it('pixels of a wide-gamut photo keep their values', async () => {
    const plain = await raw(photo).jpeg({ quality: 95 }).toBuffer()
    const phone = await raw(photo).withIccProfile('p3').jpeg({ quality: 95 }).toBuffer()
    const { raster, pixels } = await decodeFile(phone)
    expect(raster.data).toBe(pixels.data)
    const asStored = await sharp(phone, { ignoreIcc: true }).raw().toBuffer()
    expect(difference(pixels.data, asStored)).toBe(0)
    expect(difference(pixels.data, (await decodeFile(plain)).pixels.data)).toBeGreaterThan(2)
  })

  it('a profile far from sRGB is converted for the detectors only', async () => {
    const swapped = swapRedAndGreen(await raw(photo).withIccProfile('srgb').png().toBuffer())
    const { raster, pixels } = await decodeFile(swapped)
    expect(difference(pixels.data, photo.data)).toBe(0)
    const exchanged = photo.data.map((_, i) => photo.data[i % 3 === 0 ? i + 1 : i % 3 === 1 ? i - 1 : i])
    expect(difference(raster.data, exchanged)).toBeLessThan(2)
  })
})

/** Exchanges the names of the red and green primaries in an image's sRGB profile. */
function swapRedAndGreen(file: Uint8Array): Uint8Array {
  const { icc } = probe(file, LIMITS).carriers
  const profile = Buffer.from(icc!)
  const red = profile.indexOf('rXYZ')
  profile.write('rXYZ', profile.indexOf('gXYZ'), 'latin1')
  profile.write('gXYZ', red, 'latin1')
  const [header, ...others] = pngChunks(file)
  const data = Buffer.concat([Buffer.from('x\0\0'), deflateSync(profile)])
  return writePng([header, { type: 'iCCP', data }, ...others.filter(({ type }) => type === 'IDAT' || type === 'IEND')])
}

describe('orientation', () => {
  const upright = testImage(24, 16)
  /** Which upright pixel the stored pixel (x, y) is. (Exif 2.32, 4.6.4 A, tag 0x0112) */
  const sources: Record<number, (x: number, y: number) => [x: number, y: number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [23 - x, y],
    3: (x, y) => [23 - x, 15 - y],
    4: (x, y) => [x, 15 - y],
    5: (x, y) => [y, x],
    6: (x, y) => [23 - y, x],
    7: (x, y) => [23 - y, 15 - x],
    8: (x, y) => [y, 15 - x],
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%i is turned upright', async orientation => {
    const [width, height] = orientation >= 5 ? [16, 24] : [24, 16]
    const data = new Uint8Array(width * height * 3)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [fromX, fromY] = sources[orientation](x, y)
        data.set(upright.data.subarray((fromY * 24 + fromX) * 3, (fromY * 24 + fromX) * 3 + 3), (y * width + x) * 3)
      }
    }
    const [header, ...others] = pngChunks(await raw({ width, height, data }).png().toBuffer())
    const value = Uint8Array.of(orientation, 0)
    const directories = { image: [{ tag: 0x0112, type: 3, count: 1, value }], exif: [], gps: [], interoperability: [] }
    const exif = { type: 'eXIf', data: writeTiff({ littleEndian: true, directories }) }
    const { pixels } = await decodeFile(writePng([header, exif, ...others]))
    expect(pixels).toMatchObject({ width: 24, height: 16 })
    expect(difference(pixels.data, upright.data)).toBe(0)
  })
})

it('texts of a PNG are not inflated to decode it', async () => {
  const [header, ...others] = pngChunks(await raw(photo).png().toBuffer())
  const text = { type: 'zTXt', data: Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(4e6, ' '))]) }
  const file = writePng([header, ...Array.from({ length: 1000 }, () => text), ...others])
  const before = process.cpuUsage()
  expect(difference((await decodeFile(file)).pixels.data, photo.data)).toBe(0)
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(3000)
})
