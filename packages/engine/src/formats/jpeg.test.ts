import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { probe } from '../probe/probe.js'
import { cpuMs } from '../test/cpu.js'
import { exifOf } from '../test/exif.js'
import { raw, testImage } from '../test/images.js'
import { jpegSegments } from './jpeg.js'

const LIMITS = { maximumPixels: 1e8, format: 'whole' }
const jpeg = await raw(testImage(64, 48)).jpeg().toBuffer()
const app1 = segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exifOf([[0x0112, 6]])]))

function segment(marker: number, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0xff, marker, (payload.length + 2) >> 8, (payload.length + 2) & 255]), payload])
}

/** What viewers skip between segments, by its name. */
const oddities: [string, Buffer][] = [
  ['stray bytes', Buffer.from('stray bytes')],
  ['stray bytes that look like image data', Buffer.from([0x12, 0xff, 0x00, 0x34])],
  ['fill bytes', Buffer.alloc(5, 0xff)],
  ['the bare marker TEM', Buffer.from([0xff, 0x01])],
  ['a bare restart marker', Buffer.from([0xff, 0xd3])],
  ['a segment whose length is too short for its payload', Buffer.concat([segment(0xe5, Buffer.alloc(8)), Buffer.alloc(30, 'A')])],
  ['a segment of length zero', Buffer.from([0xff, 0xe5, 0, 0])],
  ['a segment of length one', Buffer.from([0xff, 0xfe, 0, 1])],
  ['a number of lines', segment(0xdc, Buffer.from([0, 48]))],
]

describe('bytes between header segments are skipped, and the following segments are found', () => {
  it.each(oddities)('%s', async (_, oddity) => {
    for (const place of [2, [...jpegSegments(jpeg)][0].end]) {
      const file = Buffer.concat([jpeg.subarray(0, place), oddity, app1, jpeg.subarray(place)])
      expect(probe(file, LIMITS)).toMatchObject({ width: 64, height: 48, orientation: 6 })
      expect((await sharp(file, { failOn: 'none' }).raw().toBuffer()).length).toBe(64 * 48 * 3)
    }
  })
})

it('of two EXIF blocks the first that holds anything counts', () => {
  const empty = [Buffer.from('Exif\0\0'), Buffer.concat([Buffer.from('Exif\0\0'), exifOf([])]), Buffer.from('Exif\0\0broken')]
  for (const first of empty) {
    const file = Buffer.concat([jpeg.subarray(0, 2), segment(0xe1, first), app1, jpeg.subarray(2)])
    expect(probe(file, LIMITS).orientation).toBe(6)
  }
  const other = segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exifOf([[0x0112, 3]])]))
  expect(probe(Buffer.concat([jpeg.subarray(0, 2), other, app1, jpeg.subarray(2)]), LIMITS).orientation).toBe(3)
})

it('a second frame is ignored, as is everything after the end marker', () => {
  const small = segment(0xc0, Buffer.from([8, 0, 1, 0, 1, 1, 1, 0x11, 0]))
  const frame = jpeg.indexOf('ffc0', 0, 'hex')
  const behind = Buffer.concat([jpeg.subarray(0, frame + 19), small, jpeg.subarray(frame + 19)])
  expect(probe(behind, LIMITS)).toMatchObject({ width: 64, height: 48 })
  const ended = Buffer.concat([jpeg.subarray(0, frame), Buffer.from([0xff, 0xd9]), jpeg.subarray(frame)])
  expect(() => probe(ended, LIMITS)).toThrow('its header is damaged')
})

it('four million segments take no longer than their bytes', () => {
  const file = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(16e6, Buffer.from([0xff, 0xe1, 0, 2]))])
  let count = 0
  const took = cpuMs(() => {
    for (const _ of jpegSegments(file)) count++
  })
  expect(count).toBe(4e6)
  expect(took).toBeLessThan(10_000)
})
