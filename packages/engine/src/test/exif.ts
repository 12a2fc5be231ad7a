import { writeTiff } from '../formats/tiff.js'

const SHORT = 3

/** An EXIF block whose image directory holds these numbers of 16 bits. */
export function exifOf(numbers: readonly [tag: number, value: number][]): Buffer {
  const image = numbers.map(([tag, value]) => ({
    tag,
    type: SHORT,
    count: 1,
    value: Uint8Array.of(value & 255, value >> 8),
  }))
  return Buffer.from(writeTiff({ littleEndian: true, directories: { image, exif: [], gps: [], interoperability: [] } }))
}
