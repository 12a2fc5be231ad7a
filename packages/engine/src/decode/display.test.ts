/** What detectors get of images whose samples do not show what a viewer shows. */
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { pngChunks } from '../formats/png.js'
import { writePng } from '../formats/png-write.js'
import { readTags, writeProfile } from '../metadata/icc.js'
import { probe } from '../probe/probe.js'
import { difference, raw, testImage } from '../test/images.js'
import { decode } from './decode.js'

const LIMITS = { maximumPixels: 1e8, format: 'whole' }
const photo = testImage(200, 150)

function decodeFile(file: Uint8Array) {
  const header = probe(file, LIMITS)
  return decode(file, header, header.carriers.icc)
}

/** A PNG with more chunks before its image data. */
function withChunk(file: Uint8Array, type: string, data: Uint8Array): Uint8Array {
  const [header, ...others] = pngChunks(file)
  return writePng([header, { type, data }, ...others.filter(chunk => chunk.type === 'IDAT' || chunk.type === 'IEND')])
}

describe('detectors see what a viewer would make visible', () => {
  const spread = (data: ArrayLike<number>) => Math.max(...Array.from(data)) - Math.min(...Array.from(data))
  const dark = { ...photo, data: photo.data.map(sample => sample >> 6) }
  const gamma = (value: number) => {
    const data = Buffer.alloc(4)
    data.writeUInt32BE(Math.round(value * 100_000))
    return data
  }

  it('by a tone curve in the profile, in colour and in gray', async () => {
    const source = await raw(photo).withIccProfile('srgb').png().toBuffer()
    const srgb = probe(source, LIMITS).carriers.icc!
    const data = Buffer.from([...Buffer.from('curv\0\0\0\0\0\0\0\x01'), 0, 20]) // gamma 0.08
    const tags = readTags(srgb).map(tag => (tag.signature.endsWith('TRC') ? { ...tag, data } : tag))
    const colour = Buffer.from(writeProfile(srgb, tags))
    const gray = Buffer.from(
      writeProfile(srgb, [
        ...readTags(srgb).filter(({ signature }) => /^(desc|cprt|wtpt)$/.test(signature)),
        { signature: 'kTRC', data },
      ]),
    )
    gray.write('GRAY', 16)
    for (const [profile, space] of [
      [colour, 'srgb'],
      [gray, 'b-w'],
    ] as const) {
      const plain = await raw(dark).toColourspace(space).png().toBuffer()
      const file = withChunk(plain, 'iCCP', Buffer.concat([Buffer.from('x\0\0'), deflateSync(profile)]))
      const { raster, pixels } = await decodeFile(file)
      expect(spread(pixels.data)).toBeLessThan(4)
      expect(spread(raster.data)).toBeGreaterThan(80)
    }
  })

  it('by gamma, where nothing else says what the samples mean', async () => {
    const plain = await raw(dark).png().toBuffer()
    const { raster, pixels } = await decodeFile(withChunk(plain, 'gAMA', gamma(5)))
    expect(spread(pixels.data)).toBeLessThan(4)
    expect(spread(raster.data)).toBeGreaterThan(150)
    for (const usual of [0, 0.45455, 0.5]) {
      const { raster, pixels } = await decodeFile(withChunk(plain, 'gAMA', gamma(usual)))
      expect(raster.data).toBe(pixels.data)
    }
    const deep = sharp(Uint16Array.from(photo.data), { raw: { width: 200, height: 150, channels: 3 } })
      .toColourspace('rgb16')
      .png()
    expect(spread((await decodeFile(withChunk(await deep.toBuffer(), 'gAMA', gamma(5)))).raster.data)).toBeGreaterThan(150)
    const linear = await decodeFile(withChunk(plain, 'cICP', Buffer.of(1, 8, 0, 1)))
    expect(Math.max(...linear.raster.data)).toBeGreaterThan(30)
  })

  it('through alpha that varies, on the background that shows more', async () => {
    for (const colour of [0, 255]) {
      const data = photo.data.map(() => colour)
      const alpha = sharp(
        photo.data.filter((_, i) => i % 3 === 0),
        { raw: { width: 200, height: 150, channels: 1 } },
      )
      const file = raw({ ...photo, data })
        .joinChannel(await alpha.png().toBuffer())
        .png()
      const { raster, further } = await decodeFile(await file.toBuffer())
      expect(spread(raster.data)).toBe(0)
      expect(spread(further[0].data)).toBeGreaterThan(240)
    }
    expect((await decodeFile(await raw(photo).ensureAlpha(0.5).png().toBuffer())).further).toEqual([])
  })
})

describe('16-bit images of little contrast', () => {
  const deep = (level: (value: number) => number) =>
    sharp(Uint16Array.from(photo.data, level), { raw: { width: 200, height: 150, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer()

  it.each([
    ['in the lowest bits', (value: number) => value],
    ['in 13 bits on a bright ground', (value: number) => 50_000 + 32 * value],
  ])('%s: are looked at with more contrast as well', async (_, level) => {
    const { raster, further } = await decodeFile(await deep(level))
    expect(difference(raster.data, photo.data)).toBeGreaterThan(30)
    expect(further).toHaveLength(1)
    expect(difference(further[0].data, photo.data)).toBeLessThan(5)
  })

  it('a few outliers do not hide it', async () => {
    const { further } = await decodeFile(await deep(value => (value === 0 ? 65_535 : value)))
    expect(further).toHaveLength(1)
  })

  it.each([
    ['full contrast', (value: number) => 257 * value],
    ['no contrast', () => 300],
  ])('%s: once is enough', async (_, level) => {
    expect((await decodeFile(await deep(level))).further).toEqual([])
  })
})
