/** Images in memory, as used by every step after decoding. */

import type { Carriers } from './formats/carriers.js'
import type { Size } from './geometry.js'

export type Format = 'jpeg' | 'png'

/** Pixel format of a file, before decoding. */
export interface Frame extends Size {
  format: Format
  /** Colour space of the samples; a palette counts as `rgb`. */
  colour: 'gray' | 'rgb' | 'cmyk'
  /** Bits of a decoded sample. */
  bitDepth: 8 | 16
  /** Of a JPEG: colour is stored at full resolution (4:4:4). */
  fullChroma: boolean
  /** Of a JPEG: coded arithmetically. Any bytes are an image then, and nobody can tell damage. */
  isArithmetic?: boolean
  /** Of a JPEG: where the data of the first scan begins, in bytes. Absent if there is none. */
  scanStart?: number
}

/** The contents of a file's container, before anything is decoded. */
export interface ImageFile {
  frame: Frame
  carriers: Carriers
}

/**
 * Information from the header of a file; the size is as stored, before the orientation is applied.
 */
export interface Header extends Frame {
  /** EXIF orientation 1..8. */
  orientation: number
  /** Its metadata as raw, untrusted blocks. */
  carriers: Carriers
}

/** Size in pixels once the orientation is applied. */
export function uprightSize({ width, height, orientation }: Pick<Header, 'width' | 'height' | 'orientation'>): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height }
}

/**
 * The input of detectors: upright pixels, H x W x 3 interleaved sRGB bytes, rows without padding,
 * in shared memory.
 */
export interface Raster {
  width: number
  height: number
  data: Uint8Array
}

/**
 * The image to render and encode: upright pixels, H x W x C interleaved, rows without padding; C is
 * 3 (RGB) or 4 (RGB and alpha), 16-bit samples where the file has them. For an ordinary photo its
 * data is the same buffer as that of the {@link Raster}.
 */
export interface Pixels {
  width: number
  height: number
  channels: 3 | 4
  data: Uint8Array | Uint16Array
}

/** `length` samples of 0, of as many bits as those of `like`. */
export function blankSamples<Data extends Pixels['data']>(like: Data, length: number): Data {
  return (like instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length)) as Data
}
