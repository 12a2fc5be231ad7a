import type { Area } from '@obscura/contract/parameters'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { perspective } from '../sphere/projection.js'
import { resample } from '../sphere/resample.js'
import { runPipeline } from '../test/pipeline.js'

const SIZE = { width: 4096, height: 2048 }
const NADIR: Area[] = [{ nadir: 20, method: 'logo' }]
const VIEW = 200

/** Stripes, whose blur is gray. */
async function panorama(gray = false): Promise<Buffer> {
  const data = Buffer.from(Array.from({ length: SIZE.width * SIZE.height }, (_, i) => (i % 8 < 4 ? 0 : 255)))
  const image = sharp(data, { raw: { ...SIZE, channels: 1 } })
  return (gray ? image.toColourspace('b-w') : image.toColourspace('srgb')).png({ compressionLevel: 1 }).toBuffer()
}

/** Red on the left, green on the right; the lower half lets everything through. */
function logo(): Promise<Buffer> {
  const pixel = (i: number) => (i >= 1250 ? [0, 0, 255, 0] : i % 50 < 25 ? [255, 0, 0, 255] : [0, 255, 0, 255])
  const data = Buffer.from(Array.from({ length: 2500 }, (_, i) => pixel(i)).flat())
  return sharp(data, { raw: { width: 50, height: 50, channels: 4 } })
    .png()
    .toBuffer()
}

async function processed(file: Buffer, areas: Area[], given?: Uint8Array) {
  const { image, warnings } = await runPipeline(file, { format: 'pano:4096', areas, compress_level: 1 }, { logo: given })
  const { data, info } = await sharp(image).toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { warnings, pixels: { width: info.width, height: info.height, channels: 3 as const, data } }
}

/** What somebody sees who looks ahead and then down or up: colours at fractions of the view. */
function seen(pixels: Awaited<ReturnType<typeof processed>>['pixels'], pitch: number) {
  const focal = VIEW / 2 / Math.tan((20 * Math.PI) / 180)
  const view = perspective(SIZE, { yaw: Math.PI, pitch, focal, centre: [VIEW / 2, VIEW / 2] })
  const data = resample(pixels, view, [0, 0, VIEW, VIEW])
  return (x: number, y: number) => [...data.subarray(3 * (y * VIEW + x), 3 * (y * VIEW + x) + 3)]
}

describe('a logo', () => {
  it.each([
    ['nadir', -Math.PI / 2],
    ['zenith', Math.PI / 2],
  ])('at the %s is upright for whoever looks ahead and there, and not mirrored', async (pole, pitch) => {
    const { pixels, warnings } = await processed(
      await panorama(),
      [{ [pole]: 20, method: 'logo' }] as unknown as Area[],
      await logo(),
    )
    expect(warnings).toEqual([])
    const at = seen(pixels, pitch)
    for (const y of [40, 70, 90]) {
      expect(at(60, y)).toEqual([255, 0, 0])
      expect(at(140, y)).toEqual([0, 255, 0])
    }
  })

  it('lets only the blur through', async () => {
    const { pixels } = await processed(await panorama(), NADIR, await logo())
    const at = seen(pixels, -Math.PI / 2)
    const below = [60, 80, 100, 120, 140].map(x => at(x, 130)[0])
    expect(Math.max(...below) - Math.min(...below)).toBeLessThan(60)
    expect(Math.min(...below)).toBeGreaterThan(40)
    expect(Math.max(...below)).toBeLessThan(215)
  })

  it('is gray on a gray image', async () => {
    const { pixels } = await processed(await panorama(true), NADIR, await logo())
    const [left, right] = [60, 140].map(x => seen(pixels, -Math.PI / 2)(x, 60))
    for (const [r, g, b] of [left, right]) expect([g, b]).toEqual([r, r])
    expect(left[0]).toBeLessThan(right[0])
  })

  it.each([
    ['is missing', async () => undefined, /blurred, because there is no logo/],
    ['is not an image', async () => Buffer.from('<svg/>'), /because the logo cannot be read/],
    ['is cut off', async () => (await logo()).subarray(0, 60), /because the logo cannot be read/],
    ['claims to be huge', async () => huge(await logo()), /because the logo cannot be read/],
  ])('that %s leaves the blur, with a warning', async (_, given, warning) => {
    const { pixels, warnings } = await processed(await panorama(), NADIR, await given())
    expect(warnings).toEqual([expect.stringMatching(warning)])
    const middle = seen(pixels, -Math.PI / 2)(100, 100)
    expect(Math.min(...middle)).toBeGreaterThan(40)
    expect(Math.max(...middle)).toBeLessThan(215)
  })
})

function huge(png: Buffer): Buffer {
  png.writeUint32BE(60_000, 16)
  png.writeUint32BE(60_000, 20)
  return png
}
