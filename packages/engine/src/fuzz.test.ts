import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { decode } from './decode/decode.js'
import { EngineError } from './errors.js'
import { uprightSize } from './image.js'
import { readMetadata } from './metadata/metadata.js'
import { probe } from './probe/probe.js'
import { jpegCarriers, plantInJpeg, plantInPng, pngCarriers } from './test/carriers.js'
import { mutate, randomFrom } from './test/mutate.js'
import { tinyJpeg } from './test/tiny-jpeg.js'

/**
 * Duration of the run. To run it longer: FUZZ_SECONDS=3600 npx vitest run
 * packages/engine/src/fuzz.test.ts
 */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 20)
/** The seed that a failure reports, to repeat the run. */
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

const LIMITS = { maximumPixels: 1e6, format: 'whole' }
const MAX_CASE_MS = 2000
const MAX_GROWTH = 400 * 1024 ** 2

const street = fileURLToPath(new URL('../../../tests/fixtures/street-taxis.jpg', import.meta.url))
const photo = () => sharp(street).resize(120)

/** Real files of every kind, some with a lot of metadata. */
async function seeds(): Promise<Buffer[]> {
  const jpeg = await photo().withIccProfile('p3').jpeg().toBuffer()
  const png = await photo().withIccProfile('p3').png().toBuffer()
  const secret = Buffer.alloc(100, 'image')
  const jpegs = Object.values(jpegCarriers(secret)).reduce<Buffer>((file, carrier) => plantInJpeg(file, carrier), jpeg)
  const pngs = Object.values(pngCarriers(secret)).reduce<Buffer>((file, carrier) => plantInPng(file, carrier), png)
  const others = [
    photo().jpeg({ progressive: true }),
    photo().jpeg({ chromaSubsampling: '4:4:4' }),
    photo().toColourspace('b-w').jpeg(),
    photo().toColourspace('cmyk').jpeg(),
    photo().png({ progressive: true }),
    photo().png({ palette: true }),
    photo().toColourspace('rgb16').png(),
    photo().ensureAlpha(0.5).png(),
  ]
  return [jpeg, png, jpegs, pngs, Buffer.from(tinyJpeg()), ...(await Promise.all(others.map(image => image.toBuffer())))]
}

/**
 * What the decoder says that we build on: the stored size when nothing of the file gives it more to
 * say than that.
 */
async function decoded(file: Buffer, failOn: 'warning' | 'error'): Promise<{ width: number; height: number } | undefined> {
  try {
    const image = sharp(file, { failOn, limitInputPixels: LIMITS.maximumPixels })
    const { format } = await image.metadata()
    if (format !== 'jpeg' && format !== 'png') return undefined
    const { info } = await image.raw().toBuffer({ resolveWithObject: true })
    return info
  } catch {
    return undefined
  }
}

async function ours(file: Buffer): Promise<{ width: number; height: number } | EngineError> {
  try {
    const header = probe(file, LIMITS)
    const metadata = readMetadata(header)
    const { pixels } = await decode(file, header, metadata.icc)
    expect(pixels).toMatchObject(uprightSize(header))
    return header
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
}

it(`files that are broken at random are read or refused quickly: ${SECONDS} s`, {
  timeout: (SECONDS + 60) * 1000,
}, async () => {
  const files = await seeds()
  const before = process.memoryUsage.rss()
  const until = performance.now() + SECONDS * 1000
  let cases = 0
  let accepted = 0
  for (; performance.now() < until; cases++) {
    const random = randomFrom(SEED + cases)
    const file = mutate(files[random(files.length)], random)
    const name = `FUZZ_SEED=${SEED + cases}`
    const started = process.cpuUsage()
    const result = await ours(file)
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1000, name).toBeLessThan(MAX_CASE_MS)
    // For an image that is mostly missing, the decoder only warns.
    const isMissing = result instanceof EngineError && result.message.includes('% of the image is present')
    const reference = await decoded(file, isMissing ? 'warning' : 'error')
    if (result instanceof EngineError) {
      expect(result.message, name).toMatch(/^[A-Z].*\.$/s)
      expect(reference, `${name}: ${result.message}`).toBeUndefined()
    } else {
      accepted++
      if (reference) expect(result, name).toMatchObject({ width: reference.width, height: reference.height })
    }
  }
  expect(process.memoryUsage.rss() - before).toBeLessThan(MAX_GROWTH)
  expect(accepted).toBeGreaterThan(0)
  console.log(`${cases} files, ${accepted} of them accepted, from seed ${SEED}.`)
})
