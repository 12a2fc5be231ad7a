import { fileURLToPath } from 'node:url'
import { constants, inflateRawSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { jpegSegments } from '../formats/jpeg.js'
import { pngChunks } from '../formats/png.js'
import { writePng } from '../formats/png-write.js'
import type { Header } from '../image.js'
import { probe } from '../probe/probe.js'
import { ARITHMETIC_JPEG } from '../test/arithmetic-jpeg.js'
import { difference, raw, testImage } from '../test/images.js'
import { runPipeline } from '../test/pipeline.js'
import { decode } from './decode.js'

const LIMITS = { maximumPixels: 1e8, format: 'whole' }
const STREET = new URL('../../../../tests/fixtures/street-taxis.jpg', import.meta.url)
const defect = { code: 'IMAGE_DEFECT' }

function decodeFile(file: Uint8Array) {
  const header = probe(file, LIMITS)
  return decode(file, header, header.carriers.icc)
}

describe('damaged files', () => {
  const large = testImage(600, 400)

  it.each([
    ['JPEG', () => raw(large).jpeg()],
    ['CMYK JPEG', () => raw(large).toColourspace('cmyk').jpeg()],
    ['PNG', () => raw(large).png()],
    ['interlaced PNG', () => raw(large).png({ progressive: true })],
  ])('a %s that lost its tail is decoded as far as it goes; one that is mostly missing is defect', async (_, image) => {
    const file = await image().toBuffer()
    const { pixels } = await decodeFile(file.subarray(0, Math.floor(file.length * 0.85)))
    const quarter = large.data.length / 4
    expect(difference(pixels.data.slice(0, quarter), large.data.slice(0, quarter))).toBeLessThan(60)
    await expect(decodeFile(file.subarray(0, Math.floor(file.length * 0.2)))).rejects.toMatchObject(defect)
  })

  it('the missing rows of a PNG contain nothing of the image decoded before', async () => {
    const file = await raw(large).png().toBuffer()
    await sharp(file).raw().toBuffer()
    const { pixels } = await decodeFile(file.subarray(0, Math.floor(file.length * 0.6)))
    expect(pixels.data.slice(-600 * 3 * 20)).toSatisfy((tail: Uint8Array) => tail.every(value => value === 0))
  })

  it('a PNG whose checksums are wrong is decoded nevertheless', async () => {
    const file = await raw(large).png().toBuffer()
    file[file.indexOf('IDAT') + 4 + file.readUint32BE(file.indexOf('IDAT') - 4)] ^= 0xff
    expect(difference((await decodeFile(file)).pixels.data, large.data)).toBe(0)
  })

  it('missing parts are reported, and nothing is reported for intact files', async () => {
    for (const image of [raw(large).jpeg(), raw(large).png()]) {
      const file = await image.toBuffer()
      expect((await decodeFile(file)).warnings).toEqual([])
      expect((await decodeFile(file.subarray(0, Math.floor(file.length * 0.85)))).warnings).toEqual([
        expect.stringMatching(
          /^The image data is damaged or truncated: [1-4]?\d % of the image is missing and was left (gray|black)\.$/,
        ),
      ])
    }
  })

  it('a JPEG without its end marker, but with all its rows, is sound', async () => {
    const file = await raw(large).jpeg({ quality: 95 }).toBuffer()
    const { pixels } = await decodeFile(file.subarray(0, -2))
    expect(difference(pixels.data, large.data)).toBeLessThan(3)
  })

  it('a JPEG that lost its end is measured as it is stored, not as it is turned', async () => {
    const file = await raw(large).jpeg().toBuffer()
    const half = file.subarray(0, Math.floor(file.length * 0.2))
    const header: Header = { ...probe(file, LIMITS), orientation: 6 }
    await expect(decode(half, header)).rejects.toMatchObject(defect)
  })

  it('a header without image data is defective', async () => {
    await expect(decodeFile((await raw(large).jpeg().toBuffer()).subarray(0, 640))).rejects.toMatchObject(defect)
    const [header] = pngChunks(await raw(large).png().toBuffer())
    await expect(decodeFile(writePng([header]))).rejects.toMatchObject(defect)
  })
})

describe('damaged image data of a PNG', () => {
  const large = testImage(600, 400)
  const rowLength = 1 + 600 * 3

  /** The image with its image data changed by hand. */
  async function changed(change: (compressed: Buffer) => void): Promise<Uint8Array> {
    const chunks = [...pngChunks(await raw(large).png({ compressionLevel: 9 }).toBuffer())]
    const compressed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))
    change(compressed)
    return writePng([chunks[0], { type: 'IDAT', data: compressed }, chunks.at(-1)!])
  }

  it('a window that is declared too small loses nothing', async () => {
    const { pixels, warnings } = await decodeFile(await changed(data => data.set([0x18, 0x19])))
    expect(difference(pixels.data, large.data)).toBe(0)
    expect(warnings).toEqual([])
  })

  it('a wrong checksum loses nothing and is reported', async () => {
    const file = await changed(data => data.set([1, 2, 3, 4], data.length - 4))
    const { pixels, warnings } = await decodeFile(file)
    expect(difference(pixels.data, large.data)).toBe(0)
    expect(warnings).toEqual([expect.stringContaining('does not match its checksum')])
  })

  it('a palette with a wrong byte is reported', async () => {
    const file = await raw(large).png({ palette: true }).toBuffer()
    file[file.indexOf('PLTE') + 5] ^= 0xff
    expect((await decodeFile(file)).warnings).toEqual([expect.stringContaining('does not match its checksum')])
  })

  it('a header that is too short, and of another size, does not count', async () => {
    const [header, ...others] = pngChunks(await raw(large).png().toBuffer())
    const huge = { type: 'IHDR', data: Buffer.from([0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 8, 2, 0, 0]) }
    const { pixels } = await decodeFile(writePng([huge, header, ...others]))
    expect(difference(pixels.data, large.data)).toBe(0)
  })

  it('of very many short rows, all but the last few before the damage are kept, quickly', async () => {
    const tall = testImage(2, 60_000)
    const file = await raw(tall).png().toBuffer()
    file.fill(0xff, Math.floor(file.length * 0.9), Math.floor(file.length * 0.9) + 8)
    const before = process.cpuUsage()
    const { warnings } = await decodeFile(file)
    const { user, system } = process.cpuUsage(before)
    expect(warnings).toHaveLength(1)
    expect((user + system) / 1000).toBeLessThan(2000)
  })

  it('wherever a byte is wrong, all rows before it are kept', async () => {
    for (const fraction of [0.6, 0.7, 0.8, 0.9]) {
      let whole = 0
      const file = await changed(data => {
        const at = Math.floor(data.length * fraction)
        const before = inflateRawSync(data.subarray(2, at), { finishFlush: constants.Z_SYNC_FLUSH })
        whole = Math.floor(before.length / rowLength)
        data.fill(0xff, at, at + 4)
      })
      const { pixels, warnings } = await decodeFile(file)
      expect(difference(pixels.data.slice(0, 1800 * whole), large.data.slice(0, 1800 * whole))).toBe(0)
      expect(warnings).toHaveLength(1)
    }
  })
})

describe('damaged image data of a JPEG', () => {
  const large = testImage(600, 400)

  it.each([
    ['baseline', (photo: Sharp) => photo.jpeg().toBuffer()],
    ['progressive', (photo: Sharp) => photo.jpeg({ progressive: true }).toBuffer()],
    ['full-resolution colour', (photo: Sharp) => photo.jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()],
    ['CMYK', (photo: Sharp) => photo.resize(240).toColourspace('cmyk').jpeg().toBuffer()],
    ['RGB', async (photo: Sharp) => asRgb(await photo.jpeg({ chromaSubsampling: '4:4:4' }).toBuffer())],
  ])('most wrong bytes that can be seen in a photo are said: %s', async (_, write) => {
    const file = await write(sharp(fileURLToPath(STREET)).resize(480))
    const { pixels, warnings } = await decodeFile(file)
    expect(warnings).toEqual([])
    const start = [...jpegSegments(file)].at(-1)!.end
    let seen = 0
    let said = 0
    for (let i = 0; i < 60; i++) {
      const wrong = Buffer.from(file)
      wrong[start + Math.floor(((file.length - 2 - start) * i) / 60)] ^= 1 + ((37 * i) % 255)
      const result = await decodeFile(wrong).catch(() => undefined)
      if (result && difference(result.pixels.data, pixels.data) < 1) continue
      seen++
      if (!result || result.warnings.length > 0) said++
    }
    expect(seen).toBeGreaterThan(15)
    expect(said / seen).toBeGreaterThan(0.75)
  })

  it('a truncated progressive JPEG is reported, whether all rows can be seen or not', async () => {
    const file = await raw(large).jpeg({ progressive: true }).toBuffer()
    for (const fraction of [0.5, 0.7, 0.9, 0.98]) {
      const { warnings } = await decodeFile(file.subarray(0, Math.floor(file.length * fraction)))
      expect(warnings).toEqual([expect.stringMatching(/^The image data is damaged/)])
    }
    const scans = [...file.keys()].filter(at => file[at] === 0xff && file[at + 1] === 0xda)
    const lastScan = file.subarray(0, scans.at(-1))
    expect((await decodeFile(lastScan)).warnings).toEqual([expect.stringContaining('blurred')])
  })

  it('a part that was overwritten with zeros is reported', async () => {
    const file = await raw(large).jpeg().toBuffer()
    file.fill(0, Math.floor(file.length * 0.8), Math.floor(file.length * 0.9))
    expect((await decodeFile(file)).warnings).toEqual([expect.stringContaining('The image data is damaged')])
  })

  it('zero bytes before the end marker, as cameras write them, do not count as damage', async () => {
    const file = await raw(large).jpeg().toBuffer()
    for (const count of [1, 2, 3, 4, 9]) {
      const padded = Buffer.concat([file.subarray(0, -2), Buffer.alloc(count), file.subarray(-2)])
      expect((await decodeFile(padded)).warnings).toEqual([])
    }
  })

  it('a JPEG whose rows end early despite its end marker counts as truncated', async () => {
    const file = await raw(large).jpeg().toBuffer()
    const cut = (fraction: number) => Buffer.concat([file.subarray(0, Math.floor(file.length * fraction)), file.subarray(-2)])
    expect((await decodeFile(cut(0.85))).warnings).toEqual([expect.stringContaining('is missing and was left gray.')])
    await expect(decodeFile(cut(0.3))).rejects.toMatchObject(defect)
  })
})

/** The same samples declared as RGB by Adobe's segment. */
function asRgb(file: Buffer): Buffer {
  const adobe = Buffer.from('ffee000e41646f6265006400000000', 'hex')
  return Buffer.concat([file.subarray(0, 2), adobe, Buffer.of(0), file.subarray(2)])
}

describe('JPEGs whose codes cannot be followed', () => {
  const unchecked = [expect.stringContaining('cannot be checked for damage')]

  it('arithmetic coding is decoded, with a warning that it was not checked', async () => {
    const { pixels, warnings } = await decodeFile(ARITHMETIC_JPEG)
    const small = await sharp(fileURLToPath(STREET)).resize(64).raw().toBuffer()
    expect(difference(pixels.data, small)).toBeLessThan(12)
    expect(warnings).toEqual(unchecked)
    await expect(runPipeline(ARITHMETIC_JPEG, {}, { strict: true })).rejects.toMatchObject(defect)
  })

  it('a file that only claims arithmetic coding is never done without a warning', async () => {
    const file = await raw(testImage(600, 400)).jpeg().toBuffer()
    file[file.indexOf(Buffer.of(0xff, 0xc0)) + 1] = 0xc9
    expect((await decodeFile(file)).warnings).toHaveLength(1)
  })

  it('in a progressive file that is too large for our reader, what the decoder notices is reported', async () => {
    const samples = new Uint8Array(8000 * 5100).map((_, i) => (i % 8000 < 600 ? (i * 2654435761) >>> 24 : 128))
    const image = sharp(samples, { raw: { width: 8000, height: 5100, channels: 1 } })
    const file = await image.jpeg({ progressive: true }).toBuffer()
    expect((await decodeFile(file)).warnings).toEqual([])
    const cut = Buffer.concat([file.subarray(0, Math.floor(file.length * 0.6)), file.subarray(-2)])
    expect((await decodeFile(cut)).warnings).toEqual([expect.stringContaining('The image data is damaged')])
  })
})

it('damaged images are refused in strict mode', async () => {
  const file = await raw(testImage(600, 400)).jpeg().toBuffer()
  const cut = file.subarray(0, Math.floor(file.length * 0.85))
  expect((await runPipeline(cut)).warnings).toHaveLength(1)
  await expect(runPipeline(cut, {}, { strict: true })).rejects.toMatchObject({
    ...defect,
    message: expect.stringMatching(/% of the image is missing.* refused .*ENGINE_STRICT/),
  })
  expect((await runPipeline(file, {}, { strict: true })).warnings).toEqual([])
})
