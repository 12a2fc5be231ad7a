import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readTags, writeProfile } from '../metadata/icc.js'
import { difference, raw, testImage } from '../test/images.js'
import { runPipeline } from '../test/pipeline.js'

const photo = testImage(120, 90)

/** A file taken through the whole pipeline, and what sharp says of the result. */
async function roundTrip(file: Uint8Array, parameters = {}) {
  const { image } = await runPipeline(file, parameters)
  return { image: Buffer.from(image!), is: await sharp(image).metadata() }
}

describe('the output is of the same kind as the input', () => {
  it.each([
    ['JPEG', raw(photo).jpeg(), { format: 'jpeg', space: 'srgb', chromaSubsampling: '4:2:0' }],
    ['4:4:4 JPEG', raw(photo).jpeg({ chromaSubsampling: '4:4:4' }), { chromaSubsampling: '4:4:4' }],
    ['gray JPEG', raw(photo).toColourspace('b-w').jpeg(), { format: 'jpeg', space: 'b-w', channels: 1 }],
    ['CMYK JPEG', raw(photo).toColourspace('cmyk').jpeg(), { format: 'jpeg', space: 'srgb', channels: 3, hasProfile: false }],
    ['PNG', raw(photo).png(), { format: 'png', channels: 3, depth: 'uchar', isPalette: false }],
    ['PNG with a palette', raw(photo).png({ palette: true }), { format: 'png', channels: 3, isPalette: false }],
    ['gray PNG', raw(photo).toColourspace('b-w').png(), { space: 'b-w', channels: 1, depth: 'uchar' }],
    ['16-bit PNG', raw(photo).toColourspace('rgb16').png(), { space: 'rgb16', channels: 3, depth: 'ushort' }],
    ['16-bit gray PNG', raw(photo).toColourspace('grey16').png(), { space: 'grey16', channels: 1, depth: 'ushort' }],
    ['PNG with alpha', raw(photo).ensureAlpha(0.3).png(), { channels: 4, hasAlpha: true }],
    ['16-bit PNG with alpha', raw(photo).ensureAlpha(0.3).toColourspace('rgb16').png(), { channels: 4, depth: 'ushort' }],
  ])('%s', async (_, source, expected) => {
    const file = await source.toBuffer()
    const { image, is } = await roundTrip(file)
    expect(is).toMatchObject({ width: 120, height: 90, ...expected })
    const [before, after] = await Promise.all([file, image].map(bytes => sharp(bytes).raw({ depth: 'ushort' }).toBuffer()))
    expect(difference(after, before)).toBeLessThan(is.format === 'png' ? 1e-9 : 3)
  })

  it('gray with alpha', async () => {
    const gray = await raw(photo).toColourspace('b-w').png().toBuffer()
    const { is } = await roundTrip(await sharp(gray).ensureAlpha(0.5).toColourspace('b-w').png().toBuffer())
    expect(is).toMatchObject({ channels: 2, space: 'b-w', hasAlpha: true })
  })

  it('the colour profile is copied', async () => {
    for (const file of [raw(photo).withIccProfile('p3').jpeg(), raw(photo).withIccProfile('p3').png()]) {
      const source = await file.toBuffer()
      const { is } = await roundTrip(source)
      expect(readTags(is.icc!)).toEqual(readTags((await sharp(source).metadata()).icc!))
    }
  })

  it('gray, with the overlay of colours', async () => {
    const file = await raw(photo).toColourspace('b-w').withIccProfile('p3').jpeg().toBuffer()
    expect((await roundTrip(file, { debug: true })).is).toMatchObject({ channels: 3, space: 'srgb' })
  })

  it('a profile longer than a segment is split and can be read back', async () => {
    const { icc } = await sharp(await raw(photo).withIccProfile('srgb').png().toBuffer()).metadata()
    const long = Buffer.from(writeProfile(icc!, [...readTags(icc!), { signature: 'A2B0', data: Buffer.alloc(150_000, 'x') }]))
    const parts = Array.from({ length: Math.ceil(long.length / 60_000) }, (_, i) => long.subarray(i * 60_000, (i + 1) * 60_000))
    const segments = parts.map((part, i) => {
      const head = Buffer.from(`\xff\xe2\0\0ICC_PROFILE\0${String.fromCharCode(i + 1, parts.length)}`, 'latin1')
      head.writeUInt16BE(head.length + part.length - 2, 2)
      return Buffer.concat([head, part])
    })
    const plain = await raw(photo).jpeg().toBuffer()
    const { is } = await roundTrip(Buffer.concat([plain.subarray(0, 2), ...segments, plain.subarray(2)]))
    expect(is.icc!.equals(long)).toBe(true)
  })
})

it('quality runs from 0 to 100', async () => {
  const file = await raw(photo).jpeg().toBuffer()
  const sizes = await Promise.all([0, 50, 90.4, 100].map(async quality => (await roundTrip(file, { quality })).image.length))
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b))
  expect(sizes[3]).toBeGreaterThan(3 * sizes[0])
})

it('compress_level changes the size, not the pixels', async () => {
  const file = await raw(photo).png().toBuffer()
  const images = await Promise.all([0, 9].map(async level => (await roundTrip(file, { compress_level: level })).image))
  expect(images[0].length).toBeGreaterThan(photo.data.length)
  expect(images[1].length).toBeLessThan(images[0].length / 2)
  for (const image of images) expect(difference(await sharp(image).raw().toBuffer(), photo.data)).toBe(0)
})

it('the method `detect` writes no image', async () => {
  expect((await runPipeline(await raw(photo).jpeg().toBuffer(), { anonymization_method: 'detect' })).image).toBeUndefined()
})
