import { Readable } from 'node:stream'
import { createDeflate } from 'node:zlib'
import type { PngChunk } from '../formats/png.js'
import { writePng } from '../formats/png-write.js'
import type { Size } from '../geometry.js'

/** H x W x C interleaved samples: gray, gray and alpha, RGB, or RGB and alpha. */
export interface Samples extends Size {
  channels: 1 | 2 | 3 | 4
  data: Uint8Array | Uint16Array
}

/** Colour type by the number of channels. (PNG specification, 11.2.1) */
const COLOUR_TYPES = { 1: 0, 2: 4, 3: 2, 4: 6 }

/** Row filter: each byte less the one above. (9.2) */
const UP = 2

/** Bytes filtered at a time, while the previous ones are compressed in another thread. */
const BAND_BYTES = 1024 ** 2

/**
 * Encodes a PNG with the same filter for all rows. Trying all five filters on each row, as encoders
 * usually do, saves 3 to 5 % of the bytes of a photo and doubles the time.
 * @param level of zlib, 0..9
 */
export async function encodePng(samples: Samples, level: number): Promise<Uint8Array> {
  const chunks: PngChunk[] = [{ type: 'IHDR', data: headerOf(samples) }]
  const compressed = Readable.from(filteredBands(samples)).pipe(createDeflate({ level, memLevel: 9, chunkSize: BAND_BYTES }))
  for await (const data of compressed as AsyncIterable<Buffer>) chunks.push({ type: 'IDAT', data })
  return writePng([...chunks, { type: 'IEND', data: new Uint8Array() }])
}

/** Size, bits a sample, colour type; deflate, the usual filters, not interlaced. (11.2.1) */
function headerOf({ width, height, channels, data }: Samples): Uint8Array {
  const view = new DataView(new ArrayBuffer(13))
  view.setUint32(0, width)
  view.setUint32(4, height)
  view.setUint8(8, 8 * data.BYTES_PER_ELEMENT)
  view.setUint8(9, COLOUR_TYPES[channels])
  return new Uint8Array(view.buffer)
}

/** The rows as they are compressed: behind the number of the filter its bytes. */
function* filteredBands(samples: Samples): Generator<Uint8Array> {
  const { width, height, channels, data } = samples
  const length = width * channels * data.BYTES_PER_ELEMENT
  const rows = Math.max(1, Math.floor(BAND_BYTES / length))
  let above: Uint8Array = new Uint8Array(length)
  for (let top = 0; top < height; top += rows) {
    const bottom = Math.min(height, top + rows)
    const bytes = bytesOf(samples, top, bottom)
    const band = Buffer.allocUnsafe((bottom - top) * (length + 1))
    for (let start = 0, to = 0; start < bytes.length; start += length) {
      const row = bytes.subarray(start, start + length)
      band[to++] = UP
      for (let i = 0; i < length; i++) band[to++] = row[i] - above[i]
      above = row
    }
    yield band
  }
}

/** The bytes of some rows; those of 16-bit samples with the high byte first. */
function bytesOf({ width, channels, data }: Samples, top: number, bottom: number): Uint8Array {
  const rows = data.subarray(top * width * channels, bottom * width * channels)
  if (rows instanceof Uint8Array) return rows
  return Buffer.from(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength)).swap16()
}
