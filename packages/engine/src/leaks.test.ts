import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { jpegSegments } from './formats/jpeg.js'
import { pngChunks } from './formats/png.js'
import { readMetadata, writeMetadata } from './metadata/metadata.js'
import { probe } from './probe/probe.js'
import { exifWith, jpegCarriers, plantInJpeg, plantInPng, pngCarriers, xmpWith } from './test/carriers.js'
import { raw, testImage } from './test/images.js'
import { runPipeline } from './test/pipeline.js'

/** A separate, complete image, so that any tool would find it. */
const secret = await raw(testImage(33, 21)).jpeg({ quality: 60 }).toBuffer()
const jpeg = await raw(testImage(160, 120)).jpeg({ quality: 90 }).toBuffer()
const png = await raw(testImage(160, 120)).png().toBuffer()

/** Pieces of the planted image's data, at offsets that suit base64. */
const pieces = Array.from({ length: Math.floor(secret.length / 24) }, (_, i) => secret.subarray(24 * i, 24 * i + 24)).slice(
  Math.ceil(secret.indexOf('ffda', 0, 'hex') / 24),
)

/**
 * Whether a file contains any piece of the planted image: raw, compressed, or as text in
 * hexadecimal, base64 or decimal numbers.
 */
function holdsSecret(file: Uint8Array): boolean {
  const text = Buffer.concat([file, ...unfoldedTexts(file)]).toString('latin1')
  const withoutBreaks = text.replaceAll('\n', '')
  return pieces.some(piece => {
    const base64 = piece.toString('base64')
    const decimals = [',', ' ', ', ', '</rdf:li><rdf:li>'].map(separator => piece.join(separator))
    const forms = [piece.toString('hex'), base64, Buffer.from(base64).toString('hex'), ...decimals]
    return text.includes(piece.toString('latin1')) || forms.some(form => withoutBreaks.includes(form))
  })
}

/** The inflated contents of text chunks. */
function unfoldedTexts(file: Uint8Array): Uint8Array[] {
  return [...pngChunks(file)]
    .filter(({ type }) => ['tEXt', 'zTXt', 'iTXt', 'iCCP'].includes(type))
    .flatMap(({ data }) => Array.from({ length: 8 }, (_, i) => data.subarray(data.indexOf(0) + i)))
    .flatMap(data => {
      try {
        return [inflateSync(data)]
      } catch {
        return []
      }
    })
}

describe.each([false, true])('an image planted in a JPEG is gone, lossless: %s', lossless => {
  it.each(Object.entries(jpegCarriers(secret)))('%s', async (_, carrier) => {
    const planted = plantInJpeg(jpeg, carrier)
    expect(holdsSecret(planted)).toBe(true)
    const { image, preview, reencodeReason } = await runPipeline(planted, {}, { lossless, preview: true })
    expect(reencodeReason).toBeUndefined()
    expect(holdsSecret(image!)).toBe(false)
    expect(holdsSecret(preview!)).toBe(false)
    expect((await samples(image!)).equals(await samples((await runPipeline(jpeg, {}, { lossless })).image!))).toBe(true)
  })

  it('only known segments are written, and nothing after the end', async () => {
    const all = Object.values(jpegCarriers(secret))
    const planted = all.reduce<Uint8Array>((file, carrier) => plantInJpeg(file, carrier), jpeg)
    const { image } = await runPipeline(planted, {}, { lossless })
    // JFIF, EXIF, XMP, tables, frame, scan.
    expect([...jpegSegments(image!)].map(({ marker }) => marker.toString(16))).toEqual(
      expect.arrayContaining(['e0', 'e1', 'e1', 'db', 'c0', 'c4', 'da']),
    )
    expect([...jpegSegments(image!)].every(({ marker }) => [0xe0, 0xe1, 0xdb, 0xc0, 0xc4, 0xda].includes(marker))).toBe(true)
    expect(Buffer.from(image!).indexOf('ffd9', 0, 'hex')).toBe(image!.length - 2)
  })
})

describe('an image planted in a PNG is gone', () => {
  it.each(Object.entries(pngCarriers(secret)))('%s', async (_, carrier) => {
    const planted = plantInPng(png, carrier)
    expect(holdsSecret(planted)).toBe(true)
    const { image, preview } = await runPipeline(planted, {}, { preview: true })
    expect(holdsSecret(image!)).toBe(false)
    expect(holdsSecret(preview!)).toBe(false)
    expect((await samples(image!)).equals(testImage(160, 120).data)).toBe(true)
  })
})

function samples(file: Uint8Array): Promise<Buffer> {
  return sharp(file).raw().toBuffer()
}

it('hostile metadata never fails the image', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat(2000), fc.nat(255), async (bytes, position, value) => {
      const exif = exifWith(secret)
      exif[position % exif.length] = value
      const xmp = xmpWith(secret)
      xmp[position % xmp.length] = value
      const segments = [Buffer.from(bytes), exif, xmp].map(plain => {
        const head = plain === xmp ? 'http://ns.adobe.com/xap/1.0/\0' : 'Exif\0\0'
        return Buffer.concat([
          Buffer.from([0xff, 0xe1, (plain.length + head.length + 2) >> 8, (plain.length + head.length + 2) & 255]),
          Buffer.from(head),
          plain,
        ])
      })
      for (const before of segments) {
        const { image, width, height } = await runPipeline(plantInJpeg(jpeg, { before }))
        expect([width, height].toSorted((a, b) => a - b)).toEqual([120, 160])
        expect(holdsSecret(image!)).toBe(false)
      }
    }),
    { numRuns: 40 },
  )
})

it('hostile metadata of a PNG never fails the image', () => {
  const chunks = Object.values(pngCarriers(secret)).flatMap(({ chunk }) => chunk ?? [])
  const limits = { maximumPixels: 1e6, format: 'whole' }
  fc.assert(
    fc.property(fc.constantFrom(...chunks), fc.nat(), fc.uint8Array({ maxLength: 8 }), (chunk, position, bytes) => {
      const data = Buffer.from(chunk.data)
      data.set(bytes.subarray(0, data.length), position % Math.max(1, data.length - bytes.length))
      const metadata = readMetadata(probe(plantInPng(png, { chunk: { ...chunk, data } }), limits))
      expect(holdsSecret(writeMetadata(png, 'png', metadata))).toBe(false)
    }),
  )
})

const exiftool = hasExiftool()

/** exiftool serves as a cross-check: required in CI, optional for developers. */
function hasExiftool(): boolean {
  try {
    execFileSync('exiftool', ['-ver'])
    return true
  } catch {
    if (process.env.REQUIRE_SERVICES) throw new Error('exiftool is missing (Debian: libimage-exiftool-perl)')
    console.warn('exiftool is missing: skipping its view of the metadata')
    return false
  }
}

describe.skipIf(!exiftool)('results as exiftool reads them', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'obscura-leaks-'))
    return () => rmSync(folder, { recursive: true })
  })

  function tags(file: Uint8Array, ...options: string[]): Record<string, unknown> {
    const path = join(folder, 'image')
    writeFileSync(path, file)
    const [found] = JSON.parse(execFileSync('exiftool', ['-j', '-a', '-u', '-U', '-G1', ...options, path]).toString())
    return found
  }

  const kept = {
    'IFD0:Make': 'Planted Cameras',
    'IFD0:XResolution': 300,
    'IFD0:ModifyDate': '2023:11:06 15:27:20',
    'ExifIFD:ExposureTime': '1/250',
    'ExifIFD:DateTimeOriginal': '2023:11:06 15:27:19',
    'ExifIFD:OffsetTimeOriginal': '+01:00',
    'ExifIFD:SubSecTimeOriginal': 251,
    'ExifIFD:LensModel': 'Planted 35 mm',
    'ExifIFD:ExifImageWidth': 160,
    'ExifIFD:ExifImageHeight': 120,
    'GPS:GPSLatitude': `52 deg 31' 8.13"`,
    'GPS:GPSLongitude': `13 deg 24' 1.40"`,
    'XMP-GPano:ProjectionType': 'equirectangular',
    'XMP-GPano:PoseHeadingDegrees': 101.5,
    'XMP-drone-dji:RtkStdLon': 0.01123,
    'XMP-drone-dji:CalibratedFocalLength': 3666.666504,
    'XMP-Camera:CentralWavelength': 668,
  }
  /** Tags that exiftool derives from the file, and those that we write ourselves. */
  const allowed =
    /^(SourceFile|ExifTool:.*|System:.*|File:.*|JFIF:.*|PNG:(ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace)|XMP-x:XMPToolkit|IFD0:(Orientation|Software|YCbCrPositioning|ResolutionUnit|YResolution)|Composite:.*|GPS:GPS(Latitude|Longitude)Ref|PNG-pHYs:.*)$/

  it.each([
    ['JPEG', () => Object.values(jpegCarriers(secret)).reduce<Uint8Array>((file, carrier) => plantInJpeg(file, carrier), jpeg)],
    ['PNG', () => Object.values(pngCarriers(secret)).reduce<Uint8Array>((file, carrier) => plantInPng(file, carrier), png)],
  ])('a %s with everything planted keeps what is listed and nothing else', async (_, plant) => {
    const { image } = await runPipeline(plant())
    const found = tags(image!)
    expect(found).toMatchObject(kept)
    expect(found['IFD0:Software']).toMatch(/^Obscura \d+\.\d+\.\d+$/)
    expect(found['IFD0:Orientation']).toBe('Horizontal (normal)')
    expect(Object.keys(found).filter(tag => !(tag in kept) && !allowed.test(tag))).toEqual([])
    expect(found).not.toHaveProperty('ExifTool:Warning')
  })
})
