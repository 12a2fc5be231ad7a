/**
 * Views of a panorama. Each is made when it is first looked at: threads that share the work pay for
 * their own ones alone.
 */
import sharp from 'sharp'
import type { Box, Size } from '../geometry.js'
import type { Raster } from '../image.js'
import { type Camera, perspective, rolled } from '../sphere/projection.js'
import { resample } from '../sphere/resample.js'
import { type Borders, cropView, type View } from './view.js'

/** A panorama from which views are taken, possibly reduced. */
export interface Panorama {
  /** The size of the image itself: boxes are located there. */
  size: Size
  /** Px of `raster` a px of the image. */
  scale: number
  raster(): Promise<Raster>
}

/** The panorama at its own resolution. */
export function fullPanorama(raster: Raster): Panorama {
  return { size: raster, scale: 1, raster: async () => raster }
}

/** The panorama reduced to `width` px, or itself where it is smaller. */
export function reducedPanorama(raster: Raster, width: number): Panorama {
  if (raster.width <= width) return fullPanorama(raster)
  const height = Math.round((raster.height * width) / raster.width)
  return { size: raster, scale: width / raster.width, raster: once(() => reduce(raster, { width, height })) }
}

async function reduce({ width, height, data }: Raster, size: Size): Promise<Raster> {
  const reduced = await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .resize(size.width, size.height, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer()
  return { ...size, data: reduced }
}

/**
 * The part `part` of the panorama, in px of the image; it may go on behind the seam: x2 may exceed
 * the width.
 */
export function stripView({ size, scale, raster }: Panorama, part: Box): View {
  const [left, top, right, bottom] = part.map(side => Math.round(side * scale))
  // Cut open on the far side, so that nothing near the part is torn apart.
  const projection = rolled(size, Math.floor((part[0] + part[2] - size.width) / 2))
  const [originX] = projection.toView(part[0], part[1])!
  return {
    ...sphereView(
      { width: right - left, height: bottom - top },
      once(async () => {
        const source = await raster()
        return right <= source.width
          ? cropView(source, [left, top, right, bottom])
          : wholeView(unroll(source, [left, top, right, bottom]))
      }),
    ),
    open: { left: true, top: part[1] > 0, right: true, bottom: part[3] < size.height },
    projection,
    locate: box => place(box, scale, originX, part[1]),
  }
}

/** Perspective views of one camera that share one image of `size` px. */
export function cameraViews({ size, scale, raster }: Panorama, camera: Camera, imageSize: Size): (part: Box) => View {
  const [x, y] = camera.centre
  const projection = perspective(size, { ...camera, focal: camera.focal / scale, centre: [x / scale, y / scale] })
  const seen = once(async (): Promise<Raster> => {
    const source = await raster()
    const data = resample({ ...source, channels: 3 }, perspective(source, camera), [0, 0, imageSize.width, imageSize.height])
    return { ...imageSize, data }
  })
  return part => ({
    ...sphereView(
      { width: part[2] - part[0], height: part[3] - part[1] },
      once(async () => cropView(await seen(), part)),
    ),
    projection,
    locate: box => place(box, scale, part[0] / scale, part[1] / scale),
  })
}

const ALL_OPEN: Borders = { left: true, top: true, right: true, bottom: true }

/** A view whose pixels are those of another one, made later. */
function sphereView(size: Size, made: () => Promise<View>) {
  return {
    size,
    open: ALL_OPEN,
    pixels: async (...wanted: Parameters<View['pixels']>) => (await made()).pixels(...wanted),
    isBlank: async () => (await made()).isBlank(),
  }
}

function wholeView(raster: Raster): View {
  return cropView(raster, [0, 0, raster.width, raster.height])
}

/** A copy of whole px `part` of a panorama, of which x2 exceeds the width. */
function unroll({ width, data }: Raster, [left, top, right, bottom]: Box): Raster {
  const out = new Uint8Array((right - left) * (bottom - top) * 3)
  for (let y = top, to = 0; y < bottom; y++) {
    for (let x = left; x < right; ) {
      const start = x % width
      const count = Math.min(right - x, width - start)
      out.set(data.subarray((y * width + start) * 3, (y * width + start + count) * 3), to)
      to += 3 * count
      x += count
    }
  }
  return { width: right - left, height: bottom - top, data: out }
}

function place([x1, y1, x2, y2]: Box, scale: number, left: number, top: number): Box {
  return [left + x1 / scale, top + y1 / scale, left + x2 / scale, top + y2 / scale]
}

function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined
  return () => {
    made ??= make()
    return made
  }
}
