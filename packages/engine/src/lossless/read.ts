import { AFTER_START, END_OF_IMAGE, jpegSegments, nextMarker, START_OF_SCAN, startsWith } from '../formats/jpeg.js'
import { type Coefficients, type Component, DamagedDataError, NotLosslessError } from './coefficients.js'
import { BitReader, type Decoder, decoderOf, type HuffmanTable } from './huffman.js'
import { decodeScan, type Part, type Scan } from './scan.js'

const BASELINE = 0xc0
const EXTENDED = 0xc1
const PROGRESSIVE = 0xc2
const HUFFMAN_TABLES = 0xc4
const QUANTIZERS = 0xdb
const RESTART_INTERVAL = 0xdd
const ADOBE = 0xee
const COMMENT = 0xfe

/** Pixels: their coefficients take 3 to 6 bytes each, beside the decoded image. */
const MAX_CHECKED_PROGRESSIVE = 40e6

/** A component and its state of reading: for each coefficient the lowest bit, or {@link UNREAD}. */
interface Reading {
  id: number
  table: number
  component: Component
  low: Uint8Array
}

const UNREAD = 255

interface Frame {
  progressive: boolean
  image: Coefficients
  readings: Reading[]
}

/** State that segments set for later ones. */
interface Tables {
  /**
   * Whether coefficients are wanted, or only their reading; a progressive file cannot be read
   * without them.
   */
  isKept: boolean
  quantizers: Map<number, Uint16Array>
  huffman: Map<number, HuffmanTable>
  restartInterval: number
  frame?: Frame
  /** Of Adobe's segment: 0 if three components are not YCbCr. */
  transform?: number
  scans: number
}

/**
 * Reads all coefficients of a JPEG file, strictly: nothing may be missing, damaged or ambiguous.
 * @throws NotLosslessError for such a file, and for unsupported formats: arithmetic coding, 12
 * bits, CMYK, RGB
 */
export function readCoefficients(file: Uint8Array): Coefficients {
  return read(file, true)
}

/**
 * Reads all image data of a JPEG, in whatever colours, to detect damage. Needs no memory for a
 * baseline file; for a progressive one as much as {@link readCoefficients}.
 * @throws DamagedDataError when it is damaged
 * @throws NotLosslessError when the format is not supported
 */
export function checkImageData(file: Uint8Array): void {
  read(file, false)
}

function read(file: Uint8Array, isKept: boolean): Coefficients {
  const tables: Tables = { isKept, quantizers: new Map(), huffman: new Map(), restartInterval: 0, scans: 0 }
  let at = AFTER_START
  while (file[nextMarker(file, at)] !== END_OF_IMAGE) {
    const before = at
    for (const { marker, data, end } of jpegSegments(file, at)) {
      at = end
      if (marker !== START_OF_SCAN) readSegment(marker, data, tables)
      else at = readScan(file, end, data, tables) - 1
    }
    if (at === before) throw new NotLosslessError('it is truncated')
  }
  if (!tables.frame) throw new NotLosslessError('it holds no image')
  checkComplete(tables.frame)
  return tables.frame.image
}

function readSegment(marker: number, data: Uint8Array, tables: Tables): void {
  if (marker === QUANTIZERS) readQuantizers(data, tables)
  else if (marker === HUFFMAN_TABLES) readHuffmanTables(data, tables)
  else if (marker === RESTART_INTERVAL) tables.restartInterval = data[0] * 256 + data[1]
  else if (marker === BASELINE || marker === EXTENDED || marker === PROGRESSIVE) readFrame(marker, data, tables)
  else if (marker === ADOBE && startsWith(data, 'Adobe')) tables.transform = data[11]
  else if (!(marker >= 0xe0 && marker <= 0xef) && marker !== COMMENT) {
    throw new NotLosslessError(`its JPEG format is not supported (marker ${marker.toString(16)})`)
  }
}

function readQuantizers(data: Uint8Array, tables: Tables): void {
  if (tables.scans > 0) throw new NotLosslessError('its quantization tables change between scans')
  for (let at = 0; at < data.length; ) {
    const bytes = data[at] >> 4 === 0 ? 1 : 2
    if (at + 1 + 64 * bytes > data.length) throw new NotLosslessError('its quantization tables are damaged')
    const values = Uint16Array.from({ length: 64 }, (_, i) => {
      const value = at + 1 + i * bytes
      return bytes === 1 ? data[value] : data[value] * 256 + data[value + 1]
    })
    if (values.includes(0)) throw new NotLosslessError('its quantization tables are damaged')
    tables.quantizers.set(data[at] & 15, values)
    at += 1 + 64 * bytes
  }
}

function readHuffmanTables(data: Uint8Array, tables: Tables): void {
  for (let at = 0; at < data.length; ) {
    const counts = data.subarray(at + 1, at + 17)
    const symbols = data.subarray(at + 17, at + 17 + counts.reduce((sum, count) => sum + count, 0))
    const end = symbols.byteOffset + symbols.length - data.byteOffset
    if (counts.length < 16 || end !== at + 17 + counts.reduce((sum, count) => sum + count, 0)) {
      throw new NotLosslessError('its Huffman tables are damaged')
    }
    tables.huffman.set(data[at], { counts, symbols })
    at = end
  }
}

/**
 * Start of frame: precision, height, width, number of components, then id, sampling and table of
 * each. (B.2.2)
 */
function readFrame(marker: number, data: Uint8Array, tables: Tables): void {
  const count = data[5]
  if (tables.frame) throw new NotLosslessError('it holds two images')
  if (data[0] !== 8 || (count !== 1 && count !== 3 && (tables.isKept || count !== 4)) || data.length < 6 + 3 * count) {
    throw new NotLosslessError('only 8-bit gray and colour JPEGs can be changed without loss')
  }
  const height = data[1] * 256 + data[2]
  const width = data[3] * 256 + data[4]
  const fields = Array.from({ length: count }, (_, i) => data.subarray(6 + 3 * i, 9 + 3 * i))
  // The only component of a gray image is stored block by block, whatever its sampling says.
  const samplings = fields.map(field => (count === 1 ? [1, 1] : [field[1] >> 4, field[1] & 15]))
  const maxH = Math.max(...samplings.map(([h]) => h))
  const maxV = Math.max(...samplings.map(([, v]) => v))
  if (!samplings.every(([h, v]) => h > 0 && v > 0 && h <= 4 && v <= 4 && maxH % h === 0 && maxV % v === 0)) {
    throw new NotLosslessError('its chroma subsampling is not supported')
  }
  if (marker === PROGRESSIVE && !tables.isKept && width * height > MAX_CHECKED_PROGRESSIVE) {
    throw new NotLosslessError('it is progressive and too large to verify')
  }
  const mcusAcross = Math.ceil(width / (8 * maxH))
  const mcusDown = Math.ceil(height / (8 * maxV))
  const readings = fields.map((field, i): Reading => {
    const [h, v] = samplings[i]
    const columns = mcusAcross * h
    const rows = mcusDown * v
    const component: Component = {
      h,
      v,
      columns,
      rows,
      usedColumns: Math.ceil(Math.ceil((width * h) / maxH) / 8),
      usedRows: Math.ceil(Math.ceil((height * v) / maxV) / 8),
      quantizers: new Uint16Array(64),
      blocks: new Int16Array(tables.isKept || marker === PROGRESSIVE ? 64 * columns * rows : 64),
    }
    return { id: field[0], table: field[2], component, low: new Uint8Array(64).fill(UNREAD) }
  })
  const image = { width, height, mcuWidth: 8 * maxH, mcuHeight: 8 * maxV, components: readings.map(({ component }) => component) }
  tables.frame = { progressive: marker === PROGRESSIVE, image, readings }
}

/**
 * Start of scan: number of components, id and tables of each, then band and bits. (B.2.3)
 * @returns where the marker behind its data has its code
 */
function readScan(file: Uint8Array, at: number, data: Uint8Array, tables: Tables): number {
  const { frame } = tables
  if (!frame || data.length < 4 + 2 * data[0]) throw new NotLosslessError('one of its scans is damaged')
  const { progressive, readings, image } = frame
  const [first, last, bits] = data.subarray(1 + 2 * data[0])
  const fields = Array.from({ length: data[0] }, (_, i) => ({ id: data[1 + 2 * i], tables: data[2 + 2 * i] }))
  const chosen = fields.map(({ id }) => readings.find(reading => reading.id === id))
  if (tables.scans++ === 0 && tables.isKept) checkColours(readings, tables.transform)
  const parts = fields.map((field, i): Part => {
    const reading = chosen[i]
    const quantizers = tables.quantizers.get(reading?.table ?? -1)
    if (!reading || !quantizers || chosen.indexOf(reading) !== i) throw new NotLosslessError('one of its scans is damaged')
    reading.component.quantizers = quantizers
    return {
      component: reading.component,
      dc: decoder(tables, field.tables >> 4),
      ac: decoder(tables, 0x10 | (field.tables & 15)),
      prediction: 0,
    }
  })
  const band = progressive ? { first, last, high: bits >> 4, low: bits & 15 } : { first: 0, last: 63, high: 0, low: 0 }
  const scan: Scan = { parts, progressive, ...band, restartInterval: tables.restartInterval }
  for (const reading of chosen) noteBits(reading!, scan)
  checkTables(scan)
  const reader = new BitReader(file, at)
  decodeScan(reader, scan, Math.ceil(image.width / image.mcuWidth), Math.ceil(image.height / image.mcuHeight))
  return reader.end()
}

/** Built when a scan uses the table: a file may contain any number of tables. */
function decoder({ huffman }: Tables, index: number): Decoder | undefined {
  const table = huffman.get(index)
  return table && decoderOf(table)
}

/** Each coefficient comes once, or in a progressive file bit by bit from above. */
function noteBits({ low: known }: Reading, { parts, progressive, first, last, high, low }: Scan): void {
  const isBand = first === 0 ? last === 0 : last >= first && last <= 63 && parts.length === 1
  const isNext = high === 0 ? low <= 13 : low === high - 1
  if (parts.length === 0 || (progressive && !isBand) || !isNext) throw new NotLosslessError('one of its scans is damaged')
  for (let k = first; k <= last; k++) {
    if (known[k] !== (high === 0 ? UNREAD : high)) throw new NotLosslessError('its scans repeat each other')
    known[k] = low
  }
}

function checkTables({ parts, progressive, first, high }: Scan): void {
  const needsDc = !progressive || (first === 0 && high === 0)
  const needsAc = !progressive || first > 0
  if (parts.some(({ dc, ac }) => (needsDc && !dc) || (needsAc && !ac))) throw new NotLosslessError('it lacks a Huffman table')
}

/**
 * As libjpeg decides: three components are YCbCr unless Adobe's segment or their ids say otherwise.
 */
function checkColours(readings: readonly Reading[], transform: number | undefined): void {
  const ids = String.fromCharCode(...readings.map(({ id }) => id))
  if (readings.length === 3 && (transform === 0 || ids === 'RGB')) throw new NotLosslessError('its colours are stored as RGB')
}

function checkComplete({ readings }: Frame): void {
  if (readings.some(({ low }) => low.some(bit => bit !== 0))) throw new DamagedDataError('some of its scans are missing')
}
