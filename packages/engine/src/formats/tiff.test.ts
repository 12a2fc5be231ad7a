import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cpuMs } from '../test/cpu.js'
import { DIRECTORIES, readTiff, type TiffEntry, writeTiff } from './tiff.js'

/** Entries of every type with values of any bytes, one a tag; the pointers' tags excepted. */
const entries = (minLength: number) =>
  fc.uniqueArray(
    fc
      .record({ tag: fc.nat(0x8000), type: fc.constantFrom(1, 2, 3, 4, 5, 7, 9, 10, 12), count: fc.integer({ min: 1, max: 9 }) })
      .chain(({ tag, type, count }) => {
        const size = count * { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8, 12: 8 }[type]!
        return fc.uint8Array({ minLength: size, maxLength: size }).map((value): TiffEntry => ({ tag, type, count, value }))
      }),
    { selector: ({ tag }) => tag, minLength, maxLength: 12 },
  )

it('what is written is read back, byte for byte, in either byte order', () => {
  const directories = fc.record({ image: entries(1), exif: entries(1), gps: entries(0), interoperability: entries(0) })
  fc.assert(
    fc.property(fc.boolean(), directories, (littleEndian, written) => {
      const read = readTiff(writeTiff({ littleEndian, directories: written }))!
      expect(read.littleEndian).toBe(littleEndian)
      for (const name of DIRECTORIES) {
        const found = read.directories[name].filter(({ tag }) => tag <= 0x8000)
        expect(found).toEqual(written[name].toSorted((a, b) => a.tag - b.tag))
      }
    }),
  )
})

it('random bytes never fail, hang or read outside the block', () => {
  const start = fc.constantFrom('II*\0\b\0\0\0', 'MM\0*\0\0\0\b').map(text => [...Buffer.from(text, 'latin1')])
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 400 }), (header, rest) => {
      const block = Uint8Array.from([...header, ...rest])
      for (const { count, value } of DIRECTORIES.flatMap(name => readTiff(block)!.directories[name])) {
        expect(value.length).toBeGreaterThanOrEqual(count)
        expect(value.length).toBeLessThanOrEqual(block.length)
      }
    }),
    { numRuns: 500 },
  )
})

it('directories that point to each other are read once', () => {
  const pointer = (tag: number) => [tag & 0xff, tag >> 8, 4, 0, 1, 0, 0, 0, 8, 0, 0, 0]
  const block = Uint8Array.from([
    ...Buffer.from('II*\0\b\0\0\0', 'latin1'),
    2,
    0,
    ...pointer(0x8769),
    ...pointer(0x8825),
    8,
    0,
    0,
    0,
  ])
  expect(readTiff(block)!.directories.gps).toHaveLength(2)
})

it('pointers of the type IFD are followed, and text may be UTF-8', () => {
  const model: TiffEntry = { tag: 0x0110, type: 129, count: 7, value: Buffer.from('Caméra') }
  const time: TiffEntry = { tag: 0x9003, type: 2, count: 20, value: Buffer.from('2024:05:01 12:00:00\0') }
  const block = writeTiff({ littleEndian: true, directories: { image: [model], exif: [time], gps: [], interoperability: [] } })
  const pointer = Buffer.from(block.buffer).indexOf('69870400', 0, 'hex')
  block[pointer + 2] = 13
  const { image, exif } = readTiff(block)!.directories
  expect(image.find(({ tag }) => tag === 0x0110)).toEqual({ ...model, value: Uint8Array.from(model.value) })
  expect(exif).toEqual([{ ...time, value: Uint8Array.from(time.value) }])
})

it('a block of another format is refused', () => {
  expect(readTiff(new Uint8Array())).toBeUndefined()
  expect(readTiff(Buffer.from('II+\0\b\0\0\0', 'latin1'))).toBeUndefined()
  expect(readTiff(Buffer.from('Exif\0\0II*\0\b\0\0\0', 'latin1'))).toBeUndefined()
})

it('pointers that lead in circles, all to one directory of 65,535 entries, cost no more than its reading', () => {
  const count = 65_535
  const block = Buffer.alloc(8 + 2 + 12 * count)
  block.write('II*\0\b\0\0\0', 'latin1')
  block.writeUInt16LE(count, 8)
  for (let i = 0; i < count; i++) {
    const at = 10 + 12 * i
    block.writeUInt16LE([0x8769, 0x8825, 0xa005, i][Math.min(i, 3)], at)
    block.writeUInt16LE(4, at + 2)
    block.writeUInt32LE(1, at + 4)
    block.writeUInt32LE(8, at + 8)
  }
  expect(cpuMs(() => readTiff(block))).toBeLessThan(2000)
  const { image, interoperability } = readTiff(block)!.directories
  expect(interoperability.length).toBe(image.length)
})
