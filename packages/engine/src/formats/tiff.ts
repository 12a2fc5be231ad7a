/**
 * TIFF directories as EXIF uses them: read into entries whose values stay raw bytes, and written
 * from such entries. (TIFF 6.0; Exif 3.0, 4.5-4.6)
 */

/** One entry of a directory; `value` holds `count` values of `type` in the block's byte order. */
export interface TiffEntry {
  tag: number
  type: number
  count: number
  value: Uint8Array
}

export const DIRECTORIES = ['image', 'exif', 'gps', 'interoperability'] as const
export type DirectoryName = (typeof DIRECTORIES)[number]

/** A TIFF block without its second image (IFD1, the thumbnail). */
export interface TiffBlock {
  littleEndian: boolean
  directories: Record<DirectoryName, TiffEntry[]>
}

const LONG = 4
/** The type of pointers in TIFF's first supplement: some writers use it for EXIF's, too. */
const IFD = 13
/** Text since Exif 3.0, where earlier versions have ASCII (2). */
const UTF8 = 129

/** Bytes of one value of each type. */
export const TYPE_SIZES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  [LONG]: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  [IFD]: 4,
  [UTF8]: 1,
}

/** Which directory's entry points to which other directory. */
export const POINTERS = [
  { from: 'image', tag: 0x8769, to: 'exif' },
  { from: 'image', tag: 0x8825, to: 'gps' },
  { from: 'exif', tag: 0xa005, to: 'interoperability' },
] as const

/**
 * Reads the directories; entries outside the block are skipped, the first of several with one tag
 * counts. Each directory is read at most once, so that pointers cannot loop.
 * @returns undefined when it is not a TIFF block
 */
export function readTiff(block: Uint8Array): TiffBlock | undefined {
  if (block.length < 8) return undefined
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength)
  const order = view.getUint16(0)
  const littleEndian = order === 0x4949
  if ((!littleEndian && order !== 0x4d4d) || view.getUint16(2, littleEndian) !== 42) return undefined
  const directories: TiffBlock['directories'] = {
    image: readDirectory(view, view.getUint32(4, littleEndian), littleEndian),
    exif: [],
    gps: [],
    interoperability: [],
  }
  for (const { from, tag, to } of POINTERS) {
    const pointer = directories[from].find(entry => entry.tag === tag && [LONG, IFD].includes(entry.type) && entry.count === 1)
    if (pointer) directories[to] = readDirectory(view, firstLong(pointer, littleEndian), littleEndian)
  }
  return { littleEndian, directories }
}

function firstLong({ value }: TiffEntry, littleEndian: boolean): number {
  return new DataView(value.buffer, value.byteOffset).getUint32(0, littleEndian)
}

function readDirectory(view: DataView, offset: number, littleEndian: boolean): TiffEntry[] {
  if (offset + 2 > view.byteLength) return []
  const entries = new Map<number, TiffEntry>()
  const last = Math.min(offset + 2 + 12 * view.getUint16(offset, littleEndian), view.byteLength)
  for (let at = offset + 2; at + 12 <= last; at += 12) {
    const tag = view.getUint16(at, littleEndian)
    const type = view.getUint16(at + 2, littleEndian)
    const count = view.getUint32(at + 4, littleEndian)
    const size = count * (TYPE_SIZES[type] ?? 0)
    const start = size <= 4 ? at + 8 : view.getUint32(at + 8, littleEndian)
    if (size === 0 || start + size > view.byteLength || entries.has(tag)) continue
    entries.set(tag, { tag, type, count, value: new Uint8Array(view.buffer, view.byteOffset + start, size) })
  }
  return [...entries.values()]
}

/**
 * Writes a block: header, then each directory that has entries, followed by its longer values.
 * Pointers are recomputed.
 */
export function writeTiff({ littleEndian, directories }: TiffBlock): Uint8Array {
  const tables = { ...directories }
  for (const { from, tag, to } of POINTERS.toReversed()) {
    const others = tables[from].filter(entry => entry.tag !== tag)
    tables[from] = tables[to].length > 0 ? [...others, { tag, type: LONG, count: 1, value: new Uint8Array(4) }] : others
  }
  const starts = {} as Record<DirectoryName, number>
  let length = 8
  for (const name of DIRECTORIES) {
    starts[name] = length
    if (tables[name].length > 0) length += directorySize(tables[name])
  }
  const view = new DataView(new ArrayBuffer(length))
  view.setUint16(0, littleEndian ? 0x4949 : 0x4d4d)
  view.setUint16(2, 42, littleEndian)
  view.setUint32(4, starts.image, littleEndian)
  for (const { from, tag, to } of POINTERS) {
    const pointer = tables[from].find(entry => entry.tag === tag)
    if (pointer) new DataView(pointer.value.buffer).setUint32(0, starts[to], littleEndian)
  }
  for (const name of DIRECTORIES) if (tables[name].length > 0) writeDirectory(view, starts[name], tables[name], littleEndian)
  return new Uint8Array(view.buffer)
}

/** Values longer than four bytes follow the table, each at an even offset. */
function outsideSize({ value }: TiffEntry): number {
  return value.length > 4 ? value.length + (value.length % 2) : 0
}

function directorySize(entries: readonly TiffEntry[]): number {
  return 2 + 12 * entries.length + 4 + entries.reduce((sum, entry) => sum + outsideSize(entry), 0)
}

function writeDirectory(view: DataView, start: number, entries: readonly TiffEntry[], littleEndian: boolean): void {
  const bytes = new Uint8Array(view.buffer)
  let outside = start + 2 + 12 * entries.length + 4
  view.setUint16(start, entries.length, littleEndian)
  for (const [i, entry] of entries.toSorted((a, b) => a.tag - b.tag).entries()) {
    const at = start + 2 + 12 * i
    view.setUint16(at, entry.tag, littleEndian)
    view.setUint16(at + 2, entry.type, littleEndian)
    view.setUint32(at + 4, entry.count, littleEndian)
    if (entry.value.length <= 4) {
      bytes.set(entry.value, at + 8)
    } else {
      view.setUint32(at + 8, outside, littleEndian)
      bytes.set(entry.value, outside)
      outside += outsideSize(entry)
    }
  }
}
