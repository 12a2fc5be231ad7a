/** Panoramas made of photos, and their labels. */
import { join } from 'node:path'
import type { Box, Raster, Size } from '@obscura/engine'
import { imageBox } from '@obscura/engine/internals'
import sharp from 'sharp'
import type { LabelledObject, Photo } from '../labels.js'
import type { Placed, SizedPhoto } from './places.js'

/** An equirectangular panorama of a plain sky and ground on which the photos stand. */
export async function compose(folder: string, placed: readonly Placed[], size: Size): Promise<Raster> {
  const panorama = { ...size, data: new Uint8Array(size.width * size.height * 3) }
  for (let i = 0; i < size.width * size.height; i++) {
    const y = Math.floor(i / size.width)
    const grain = ((i * 7919 + y * 104729) % 9) - 4
    panorama.data.fill(150 - (60 * y) / size.height + grain, 3 * i, 3 * i + 3)
  }
  for (const place of placed) await paint(panorama, place, await decode(join(folder, place.photo.image), place.photo))
  return panorama
}

async function decode(file: string, { left, top, width, height }: SizedPhoto): Promise<Raster> {
  const { data, info } = await sharp(file, { failOn: 'none' })
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .extract({ left, top, width, height })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}

/** Draws a photo on the sphere, bilinearly. */
function paint(panorama: Raster, { projection }: Placed, photo: Raster): void {
  const [x1, y1, x2, y2] = imageBox(projection, [0, 0, photo.width, photo.height])
  const left = Math.floor(x1)
  const us = new Float64Array(Math.min(panorama.width, Math.ceil(x2) - left))
  const vs = new Float64Array(us.length)
  for (let y = Math.floor(y1); y < Math.min(panorama.height, Math.ceil(y2)); y++) {
    projection.rowToView(y, left, us, vs)
    for (let i = 0; i < us.length; i++) {
      const u = us[i] - 0.5
      const v = vs[i] - 0.5
      if (!(u >= 0 && v >= 0 && u < photo.width - 1 && v < photo.height - 1)) continue
      const [x0, y0] = [Math.floor(u), Math.floor(v)]
      const [s, t] = [u - x0, v - y0]
      const from = 3 * (y0 * photo.width + x0)
      const below = from + 3 * photo.width
      const to = 3 * (y * panorama.width + ((left + i) % panorama.width))
      for (let c = 0; c < 3; c++) {
        const upper = photo.data[from + c] + s * (photo.data[from + 3 + c] - photo.data[from + c])
        const lower = photo.data[below + c] + s * (photo.data[below + 3 + c] - photo.data[below + c])
        panorama.data[to + c] = Math.round(upper + t * (lower - upper))
      }
    }
  }
}

/**
 * The labels of a panorama: outlines in px of the image, unwrapped (x may exceed the width). What
 * holds a pole cannot be outlined and is left out.
 */
export function labelsOf(image: string, placed: readonly Placed[], size: Size): Photo {
  const [{ photo }] = placed
  const objects = placed.flatMap(({ photo, projection }) => photo.objects.flatMap(object => projected(object, projection) ?? []))
  return { image, ...size, source: `${photo.source} panorama`, labelled: photo.labelled, complete: false, objects }
}

function projected(object: LabelledObject, projection: Placed['projection']): LabelledObject | undefined {
  const { width } = projection.panorama
  const outline = object.polygon ?? ellipseOrBox(object)
  const bbox = imageBox(projection, object.bbox)
  if (bbox[2] - bbox[0] >= width) return undefined
  const polygon = outline.map(([u, v]): [number, number] => {
    const [x, y] = projection.toImage(u, v)
    return [x < bbox[0] - 1 ? x + width : x, y]
  })
  return { ...object, bbox, polygon }
}

/**
 * Outline points of what certainly belongs to an object without an outline of its own; see the
 * README's definition of its pixels.
 */
function ellipseOrBox({ type, bbox: [x1, y1, x2, y2] }: LabelledObject): [number, number][] {
  const [cx, cy, w, h] = [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]
  if (type === 'face') {
    return Array.from({ length: 24 }, (_, i): [number, number] => {
      const turn = (i * Math.PI) / 12
      return [cx + (w / 2) * Math.cos(turn), cy + (h / 2) * Math.sin(turn)]
    })
  }
  const fraction = type === 'license_plate' ? 0.45 : 0.3
  const [left, top, right, bottom]: Box = [cx - fraction * w, cy - fraction * h, cx + fraction * w, cy + fraction * h]
  const corners: [number, number][] = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ]
  return corners.flatMap(([ax, ay], i) => {
    const [bx, by] = corners[(i + 1) % 4]
    return Array.from({ length: 6 }, (_, k): [number, number] => [ax + ((bx - ax) * k) / 6, ay + ((by - ay) * k) / 6])
  })
}
