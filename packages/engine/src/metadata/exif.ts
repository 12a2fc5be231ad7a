import { readFileSync } from 'node:fs'
import { DIRECTORIES, type TiffBlock, type TiffEntry, writeTiff } from '../formats/tiff.js'
import type { Size } from '../geometry.js'
import { KEPT_TAGS } from './exif-tags.js'
import { ORIENTATION } from './orientation.js'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

/** Bytes of a kept value, with the NULs and blanks that fill it up: they could spell anything. */
const MAX_VALUE_BYTES = 128

/** The EXIF tag `Software` of every output. */
export const SOFTWARE = `Obscura ${version}`

const SOFTWARE_TAG = 0x0131
const PIXEL_X_DIMENSION = 0xa002
const PIXEL_Y_DIMENSION = 0xa003
const ASCII = 2
const SHORT = 3
const LONG = 4

const EMPTY: TiffBlock = { littleEndian: true, directories: { image: [], exif: [], gps: [], interoperability: [] } }

/**
 * A fresh EXIF block: the kept tags of the source whose values have their form, with their bytes
 * unchanged, orientation 1, the size in pixels and our name.
 * @param source the file's own block, if it has one
 */
export function filterExif(source: TiffBlock = EMPTY, size: Size): Uint8Array {
  const { littleEndian, directories } = source
  const kept = { ...directories }
  for (const name of DIRECTORIES) {
    kept[name] = directories[name].filter(
      entry => entry.value.length <= MAX_VALUE_BYTES && KEPT_TAGS[name].get(entry.tag)?.(entry),
    )
  }
  kept.image.push(number(ORIENTATION, SHORT, 1, littleEndian), text(SOFTWARE_TAG, SOFTWARE))
  kept.exif.push(
    number(PIXEL_X_DIMENSION, LONG, size.width, littleEndian),
    number(PIXEL_Y_DIMENSION, LONG, size.height, littleEndian),
  )
  return writeTiff({ littleEndian, directories: kept })
}

function text(tag: number, value: string): TiffEntry {
  const bytes = Buffer.from(`${value}\0`, 'ascii')
  return { tag, type: ASCII, count: bytes.length, value: bytes }
}

function number(tag: number, type: typeof SHORT | typeof LONG, value: number, littleEndian: boolean): TiffEntry {
  const view = new DataView(new ArrayBuffer(type === SHORT ? 2 : 4))
  if (type === SHORT) view.setUint16(0, value, littleEndian)
  else view.setUint32(0, value, littleEndian)
  return { tag, type, count: 1, value: new Uint8Array(view.buffer) }
}
