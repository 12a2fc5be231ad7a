import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DIRECTORIES, readTiff, type TiffEntry, writeTiff } from '../formats/tiff.js'
import { mutated, mutations, settings, timed, timeout } from '../test/fuzzing.js'
import { filterExif, SOFTWARE } from './exif.js'
import { KEPT_TAGS } from './exif-tags.js'

const tags = [
  ...new Set(DIRECTORIES.flatMap(directory => [...KEPT_TAGS[directory].keys()])),
  0x0112,
  0x0131,
  0x8769,
  0x8825,
  0xa005,
  0x927c,
  0xa431,
]
const SIZES: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8, 12: 8, 13: 4, 129: 1 }
const entries = fc.uniqueArray(
  fc
    .record({
      tag: fc.oneof(fc.constantFrom(...tags), fc.nat(0xffff)),
      type: fc.constantFrom(...Object.keys(SIZES).map(Number)),
      count: fc.integer({ min: 1, max: 150 }),
    })
    .chain(({ tag, type, count }) =>
      fc
        .uint8Array({ minLength: count * SIZES[type], maxLength: count * SIZES[type] })
        .map((bytes): TiffEntry => ({ tag, type, count, value: bytes })),
    ),
  { selector: ({ tag }) => tag, maxLength: 12 },
)
const exif = fc
  .tuple(fc.boolean(), fc.record({ image: entries, exif: entries, gps: entries, interoperability: entries }), mutations)
  .map(([littleEndian, directories, changes]) => mutated(writeTiff({ littleEndian, directories }), changes))

it(
  'EXIF: no block fails, hangs or comes through but in allowed tags with their bytes; what is written is read the same',
  () => {
    const size = { width: 640, height: 480 }
    fc.assert(
      fc.property(exif, block => {
        const source = timed(() => readTiff(block))
        const fresh = timed(() => filterExif(source, size))
        const { directories } = readTiff(fresh)!
        for (const directory of DIRECTORIES) {
          for (const entry of directories[directory].filter(({ tag }) => KEPT_TAGS[directory].has(tag))) {
            expect(entry.value.length).toBeLessThanOrEqual(128)
            expect(source!.directories[directory]).toContainEqual(entry)
          }
        }
        const others = DIRECTORIES.flatMap(directory =>
          directories[directory].filter(({ tag }) => !KEPT_TAGS[directory].has(tag)),
        )
        // Orientation, software, size and pointers.
        for (const { tag } of others) expect([0x0112, 0x0131, 0xa002, 0xa003, 0x8769, 0x8825, 0xa005]).toContain(tag)
        expect(Buffer.from(others.find(({ tag }) => tag === 0x0131)!.value).toString()).toBe(`${SOFTWARE}\0`)
        const content = DIRECTORIES.flatMap(directory => directories[directory]).reduce(
          (sum, { value: bytes }) => sum + 12 + bytes.length + 1,
          8 + 4 * 6,
        )
        expect(fresh.length).toBeLessThanOrEqual(content)
        expect(filterExif(readTiff(fresh), size)).toEqual(fresh)
      }),
      settings,
    )
  },
  timeout,
)
