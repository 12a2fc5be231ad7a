import sharp from 'sharp'
import type { Box, Size } from '../geometry.js'
import type { Raster } from '../image.js'
import type { Projection } from '../sphere/projection.js'
import { isBlank } from './blank.js'

/**
 * An image section for detectors, with the mapping from its pixels back to the image. A crop of the
 * image is one, a re-projection of a panorama another: detectors and fusion know no more of a view
 * than this.
 */
export interface View {
  /** Its size in its own px. */
  readonly size: Size
  /** The borders at which the scene continues: an object that ends there may be cut. */
  readonly open: Borders
  /**
   * The part `box` (whole px of the view) resized to `size`. Networks share the samples: they are
   * only to be read.
   */
  pixels(box: Box, size: Size): Promise<Samples>
  /** A box of the view in px of the image or, where there is one, of the projection. */
  locate(box: Box): Box
  /** Of a view of a panorama: how what it shows lies in the image. */
  readonly projection?: Projection
  /** Whether nothing could be detected in it. */
  isBlank(): Promise<boolean>
}

/** RGB bytes in memory: those of the px (x, y) begin at `start` + y * `row` + 3 * x. */
export interface Samples {
  data: Uint8Array
  start: number
  row: number
}

/** Behind which borders of a view the image goes on. */
export interface Borders {
  left: boolean
  top: boolean
  right: boolean
  bottom: boolean
}

/** Which borders of `part` lie inside an image of the given size. */
export function innerBorders(part: Box, { width, height }: Size): Borders {
  return { left: part[0] > 0, top: part[1] > 0, right: part[2] < width, bottom: part[3] < height }
}

/**
 * Whether a box comes within `margin` px of an open border of the part of an image that was looked
 * at.
 */
export function isCut(box: Box, part: Box, open: Borders, margin: number): boolean {
  return (
    (open.left && box[0] <= part[0] + margin) ||
    (open.top && box[1] <= part[1] + margin) ||
    (open.right && box[2] >= part[2] - margin) ||
    (open.bottom && box[3] >= part[3] - margin)
  )
}

/**
 * The part `crop` (whole px) of an image. Networks that want the same pixels at the same size share
 * one resize.
 */
export function cropView(raster: Raster, crop: Box): View {
  const [left, top] = crop
  const resized = new Map<string, Promise<Samples>>()
  let blank: boolean | undefined
  return {
    size: { width: crop[2] - left, height: crop[3] - top },
    open: innerBorders(crop, raster),
    pixels(box, size) {
      const key = `${box} ${size.width}x${size.height}`
      const known = resized.get(key)
      if (known) return known
      const pixels = resizePart(raster, [box[0] + left, box[1] + top, box[2] + left, box[3] + top], size)
      resized.set(key, pixels)
      return pixels
    },
    isBlank: async () => {
      blank ??= isBlank(raster, crop)
      return blank
    },
    locate: box => [box[0] + left, box[1] + top, box[2] + left, box[3] + top],
  }
}

/**
 * Resizes by area when shrinking (sharp's linear kernel widens with the factor), bilinearly when
 * enlarging. At the size that it has, the part is not copied.
 */
async function resizePart(raster: Raster, part: Box, { width, height }: Size): Promise<Samples> {
  const [x1, y1, x2, y2] = part
  const row = 3 * raster.width
  if (width === x2 - x1 && height === y2 - y1) return { data: raster.data, start: y1 * row + 3 * x1, row }
  const data = await sharp(raster.data, {
    raw: { width: raster.width, height: raster.height, channels: 3 },
    limitInputPixels: false,
  })
    .extract({ left: x1, top: y1, width: x2 - x1, height: y2 - y1 })
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer()
  return { data, start: 0, row: 3 * width }
}
