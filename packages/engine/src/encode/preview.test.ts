import { readAreas } from '@obscura/contract/parameters'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { exifWith, plantInJpeg } from '../test/carriers.js'
import { difference, raw, testImage } from '../test/images.js'
import { runPipeline } from '../test/pipeline.js'

const photo = testImage(1200, 900)
/** The left half of the upright image. */
const areas = readAreas([{ box: [0, 0, 50, 100], unit: 'percent', method: 'blacken' }])

async function previewOf(file: Uint8Array, parameters = {}) {
  const { preview } = await runPipeline(file, parameters, { preview: true })
  return Buffer.from(preview!)
}

describe('the preview', () => {
  it.each([
    ['JPEG', raw(photo).jpeg({ quality: 95 })],
    ['PNG', raw(photo).png()],
    ['16-bit PNG', raw(photo).toColourspace('rgb16').png()],
    ['PNG with alpha', raw(photo).ensureAlpha(1).png()],
    ['16-bit PNG with alpha', raw(photo).ensureAlpha(1).toColourspace('rgb16').png()],
  ])('of a %s is a small JPEG of the same image', async (_, source) => {
    const preview = await previewOf(await source.toBuffer())
    expect(await sharp(preview).metadata()).toMatchObject({
      format: 'jpeg',
      width: 480,
      height: 360,
      space: 'srgb',
      depth: 'uchar',
    })
    expect(preview.length).toBeLessThan(40_000)
    const expected = await raw(photo).resize(480, 360).raw().toBuffer()
    expect(difference(await sharp(preview).raw().toBuffer(), expected)).toBeLessThan(6)
  })

  it('shows the anonymized image, upright, and nothing of the metadata but its profile', async () => {
    const source = await raw(photo).withIccProfile('p3').withMetadata({ orientation: 6 }).jpeg().toBuffer()
    const preview = await previewOf(source, { areas })
    const { width, height, icc, xmp, orientation } = await sharp(preview).metadata()
    expect([width, height, orientation, xmp]).toEqual([360, 480, 1, undefined])
    expect(icc).toBeDefined()
    const left = await sharp(preview).extract({ left: 0, top: 0, width: 170, height: 480 }).raw().toBuffer()
    expect(left.every(sample => sample < 12)).toBe(true)
  })

  it('holds no thumbnail and no place', async () => {
    const thumbnail = await raw(testImage(33, 21)).jpeg().toBuffer()
    const planted = plantInJpeg(await raw(photo).jpeg().toBuffer(), {
      before: segmentWith(exifWith(thumbnail)),
    })
    const preview = await previewOf(planted)
    expect(preview.indexOf('ffd8', 2, 'hex')).toBe(-1)
    expect(preview.length).toBeLessThan(40_000)
  })

  it('of a small image is not larger', async () => {
    const preview = await previewOf(await raw(testImage(60, 40)).png().toBuffer())
    expect(await sharp(preview).metadata()).toMatchObject({ width: 60, height: 40 })
  })

  it('is only made on request, and never of an image that is not anonymized', async () => {
    const file = await raw(photo).jpeg().toBuffer()
    expect((await runPipeline(file)).preview).toBeUndefined()
    expect((await runPipeline(file, { anonymization_method: 'detect' }, { preview: true })).preview).toBeUndefined()
  })
})

function segmentWith(exif: Uint8Array): Buffer {
  const length = exif.length + 8
  return Buffer.concat([Buffer.from([0xff, 0xe1, length >> 8, length & 255]), Buffer.from('Exif\0\0'), exif])
}
