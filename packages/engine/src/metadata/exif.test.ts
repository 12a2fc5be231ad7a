import { describe, expect, it } from 'vitest'
import { DIRECTORIES, type DirectoryName, readTiff, TYPE_SIZES, writeTiff } from '../formats/tiff.js'
import { filterExif } from './exif.js'
import { KEPT_TAGS } from './exif-tags.js'

/** The bytes of a tag in the fresh block, as text; undefined when it stays behind. */
function kept(directory: DirectoryName, tag: number, type: number, value: Uint8Array): string | undefined {
  const directories = { image: [], exif: [], gps: [], interoperability: [] }
  const entry = { tag, type, count: value.length / TYPE_SIZES[type], value }
  const block = writeTiff({ littleEndian: true, directories: { ...directories, [directory]: [entry] } })
  const found = readTiff(filterExif(readTiff(block), { width: 8, height: 8 }))!.directories[directory]
  const fresh = found.find(other => other.tag === tag)
  return fresh && Buffer.from(fresh.value).toString()
}

const latin = (text: string) => Buffer.from(text, 'latin1')

describe('texts of EXIF', () => {
  it.each<[string, DirectoryName, number, number, string]>([
    ['a camera', 'image', 0x0110, 2, 'Canon EOS 5D Mark IV\0'],
    ['a lens', 'exif', 0xa434, 2, 'EF24-70mm f/2.8L II USM | "A"\0'],
    ['padded with NULs and blanks', 'image', 0x010f, 2, 'NIKON CORPORATION\0\0\0  \0'],
    ['a time that the camera does not know', 'exif', 0x9003, 2, '    :  :     :  :  \0'],
    ['a datum', 'gps', 0x12, 2, 'WGS-84\0'],
    ['satellites', 'gps', 0x08, 2, '05,12,17\0'],
    ['a method', 'gps', 0x1b, 7, 'ASCII\0\0\0CELLID'],
    ['a method without a character code', 'gps', 0x1b, 7, 'GPS'],
  ])('%s is kept', (_, directory, tag, type, text) => {
    expect(kept(directory, tag, type, latin(text))).toBe(text)
  })

  it.each<[string, DirectoryName, number, number, string]>([
    ['what follows the end of a name', 'image', 0x010f, 2, 'Canon\0hidden behind it\0'],
    ['control characters', 'image', 0x0110, 2, 'Canon\x1b]0;title\x07\0'],
    ['a long name', 'image', 0x0110, 2, `${'x'.repeat(65)}\0`],
    ['a name in bytes of no text', 'image', 0x0110, 7, 'Canon\0'],
    ['what NULs and blanks spell behind a name', 'image', 0x010f, 2, `Canon${'\0 \0\0'.repeat(31)}`],
    ['and behind a method', 'gps', 0x1b, 7, `GPS${'\0 \0\0'.repeat(32)}`],
    ['a date in words', 'exif', 0x9003, 2, 'Jane Doe 1999\0'],
    ['a place typed in as the method', 'gps', 0x1b, 7, 'ASCII\0\0\0Main Street 5, third floor'],
    ['the name of a place', 'gps', 0x1c, 7, 'ASCII\0\0\0Main Street 5, third floor'],
    ['a number for the datum', 'gps', 0x12, 2, 'SN 0123456789\0'],
    ['words for satellites', 'gps', 0x08, 2, 'Jane Doe\0'],
  ])('%s stays behind', (_, directory, tag, type, text) => {
    expect(kept(directory, tag, type, latin(text))).toBeUndefined()
  })
})

it.each([1, 2, 7, 4, 5, 12, 129])('bytes of an image, as type %i, pass in no tag', type => {
  const image = Uint8Array.from({ length: 128 }, (_, i) => (i * 89 + 151) % 256)
  const passed = DIRECTORIES.flatMap(name => [...KEPT_TAGS[name].keys()].filter(tag => kept(name, tag, type, image)))
  // BlackLevel has up to 16 numbers.
  expect(passed.filter(tag => tag !== 0xc61a)).toEqual([])
})
