/**
 * A JPEG written by hand for what encoders do not write: 16 x 8 gray pixels, a light and a dark
 * block with a restart marker between them.
 */

const segment = (marker: number, ...payload: number[]) => [0xff, marker, 0, payload.length + 2, ...payload]

export const LIGHT = 178
export const DARK = 78

export interface TinyJpegOptions {
  /**
   * Last coefficient that the scan claims to hold: 63 by the standard; cameras have been seen to
   * write 0.
   */
  lastCoefficient?: number
}

export function tinyJpeg({ lastCoefficient = 63 }: TinyJpegOptions = {}): Uint8Array {
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, 0, ...new Array(64).fill(1)), // every quantizer is 1
    ...segment(0xc0, 8, 0, 8, 0, 16, 1, 1, 0x11, 0), // 8 bits, 8 rows, 16 columns, one component
    ...segment(0xc4, 0x00, 1, 1, ...new Array(14).fill(0), 0, 9), // DC: "0" no change, "10" nine bits follow
    ...segment(0xc4, 0x10, 1, ...new Array(15).fill(0), 0), // AC: "0" end of block
    ...segment(0xdd, 0, 1), // restart after each block
    ...segment(0xda, 1, 1, 0x00, 0, lastCoefficient, 0),
    ...[0xb2, 0x0f], // +400, end of block
    ...[0xff, 0xd0],
    ...[0x8d, 0xef], // -400, counted from zero again
    ...[0xff, 0xd9],
  ])
}
