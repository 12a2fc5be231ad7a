/** UltraHDR: behind the image lies a second one, its gain map, in which the people can be seen. */
import { fileURLToPath } from 'node:url'
import sharp, { type Sharp } from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { probe } from '../probe/probe.js'
import { runPipeline } from '../test/pipeline.js'
import { decode } from './decode.js'

const STREET = new URL('../../../../tests/fixtures/street-taxis.jpg', import.meta.url)
const START = Buffer.from('ffd8ff', 'hex')

let file: Buffer
let second: number

beforeAll(async () => {
  // Its types do not know it yet.
  const photo = sharp(fileURLToPath(STREET)).resize(320) as Sharp & { withGainMap(): Sharp }
  file = await photo.withGainMap().jpeg().toBuffer()
  second = file.indexOf(START, 1)
})

const decodeFile = (bytes: Uint8Array) => decode(bytes, probe(bytes, { maximumPixels: 1e8, format: 'whole' }))

it('the test file has a gain map', async () => {
  expect(second).toBeGreaterThan(0)
  expect((await sharp(file).metadata()).gainMap).toBeDefined()
})

describe('a gain map', () => {
  it.each([false, true])('is not written, lossless: %s', async lossless => {
    const image = Buffer.from((await runPipeline(file, {}, { lossless })).image!)
    expect(image.indexOf(START, 1)).toBe(-1)
    expect(image.indexOf('ffd9', 0, 'hex')).toBe(image.length - 2)
    for (const word of ['MPF', 'hdrgm', '21496', 'GContainer']) expect(image.includes(word)).toBe(false)
    expect((await sharp(image).metadata()).gainMap).toBeUndefined()
  })

  it('does not change what is decoded, whole, damaged or missing', async () => {
    const { pixels, warnings } = await decodeFile(file)
    expect(warnings).toEqual([])
    const damaged = Buffer.from(file)
    damaged.fill(0x55, second + 300, second + 600)
    for (const other of [damaged, file.subarray(0, second), file.subarray(0, second + 400)]) {
      const decoded = await decodeFile(other)
      expect(decoded.warnings).toEqual([])
      expect(Buffer.compare(decoded.pixels.data as Uint8Array, pixels.data as Uint8Array)).toBe(0)
    }
  })

  it('does not hide damage of the image before it', async () => {
    const damaged = Buffer.from(file)
    damaged.fill(0x55, Math.floor(second * 0.6), Math.floor(second * 0.6) + 200)
    expect((await decodeFile(damaged)).warnings).toHaveLength(1)
    const cut = Buffer.concat([file.subarray(0, Math.floor(second * 0.8)), file.subarray(second)])
    expect((await decodeFile(cut)).warnings).toHaveLength(1)
  })
})
