/** The image as every step after decoding sees it. */

import type { Carriers } from './formats/carriers.js'
import type { Size } from './geometry.js'

export type Format = 'jpeg' | 'png'

/** What a file says of its pixels; nothing is decoded yet. */
export interface Frame extends Size {
  format: Format
  /** What the samples mean; a palette counts as `rgb`. */
  colour: 'gray' | 'rgb' | 'cmyk'
  /** Bits of a decoded sample. */
  bitDepth: 8 | 16
  /** Of a JPEG: colour is stored at full resolution (4:4:4). */
  fullChroma: boolean
}

/**
 * What the header of a file says; its size in pixels is as stored, before the orientation is
 * applied.
 */
export interface Header extends Frame {
  /** EXIF orientation 1..8. */
  orientation: number
  /** Its metadata, as raw blocks that are not to be trusted. */
  carriers: Carriers
}

/** Size in pixels once the orientation is applied. */
export function uprightSize({ width, height, orientation }: Pick<Header, 'width' | 'height' | 'orientation'>): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height }
}

/** What detectors look at: upright pixels, H x W x 3 interleaved sRGB bytes, rows without padding, in memory that threads share. */
export interface Raster {
  width: number
  height: number
  data: Uint8Array
}

/**
 * What is rendered and encoded: upright pixels, H x W x C interleaved, rows without padding; C is 3 (RGB) or 4 (RGB and alpha), 16-bit
 * samples where the file has them. For an ordinary photo its data is the very buffer of the {@link Raster}.
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
