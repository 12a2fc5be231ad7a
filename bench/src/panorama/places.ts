/** Where photos are put on a sphere. */
import { area, type Box, clip, type Size } from '@obscura/engine'
import { type Projection, perspective } from '@obscura/engine/sphere'
import type { LabelledObject, Photo } from '../accuracy/labels.js'

const DEGREE = Math.PI / 180

/** The places that figures are given for. What stands across the seam, the image's left and right edge, stands in another panorama turned away from it. */
export const PLACES = ['horizon', '30', '60', '80', 'turned', 'seam'] as const
export type PlaceName = (typeof PLACES)[number]

/** A part of a photo, at its own size, with the labels in it. */
export interface Picture extends Photo {
  /** Where the part begins in the photo, px. */
  left: number
  top: number
}

/** The part of a photo around its first object, at most `side` px wide and high; objects that it cuts are ignored. */
export function pictureOf(photo: Photo, side: number): Picture {
  const [x1, y1, x2, y2] = asked(photo)[0].bbox
  const width = Math.min(photo.width, side)
  const height = Math.min(photo.height, side)
  const left = Math.round(Math.min(photo.width - width, Math.max(0, (x1 + x2 - width) / 2)))
  const top = Math.round(Math.min(photo.height - height, Math.max(0, (y1 + y2 - height) / 2)))
  const objects = photo.objects.flatMap((object): LabelledObject[] => {
    const bbox: Box = [object.bbox[0] - left, object.bbox[1] - top, object.bbox[2] - left, object.bbox[3] - top]
    const polygon = object.polygon?.map(([x, y]): [number, number] => [x - left, y - top])
    const shown = clip(bbox, { width, height })
    if (area(shown) === 0) return []
    return [{ ...object, bbox, ...(polygon && { polygon }), ignore: object.ignore || area(shown) < area(bbox) }]
  })
  return { ...photo, width, height, left, top, objects }
}

/** The objects that count. */
export function asked({ objects }: Photo): LabelledObject[] {
  return objects.filter(({ ignore, region }) => !ignore && !region)
}

/** A photo on the sphere: a perspective picture, upright, as many px a radian as the panorama has. */
export interface Placed {
  photo: Picture
  place: PlaceName
  /** Its view, in px of the photo. */
  projection: Projection
  /** The objects that count here; absent: all. */
  counted?: LabelledObject[]
}

/** Rows of a panorama: degrees above the horizon, and how many photos of the width they have room for, at most. */
const ROWS: readonly { place: PlaceName; latitude: number; most: number }[] = [
  { place: 'horizon', latitude: 0, most: 10 },
  { place: '30', latitude: 30, most: 5 },
  { place: '30', latitude: -30, most: 5 },
  { place: '60', latitude: 60, most: 5 },
  { place: '60', latitude: -60, most: 5 },
  { place: '80', latitude: 81, most: 1 },
  { place: '80', latitude: -81, most: 1 },
]

/** Photos a panorama of {@link layOut}: each stands on the horizon, at 30 and at 60 degrees once, above or below. */
const PHOTOS = 10

/** Distributes photos over panoramas, every photo at every latitude (at 80 degrees two of each panorama). */
export function layOut(photos: readonly Picture[], panorama: Size): Placed[][] {
  return chunks(photos, PHOTOS).map((chunk, i) => {
    const taken = { horizon: 0, '30': 0, '60': 0, '80': 0, turned: 0, seam: 0 }
    return ROWS.flatMap(({ place, latitude, most }, row) => {
      const first = taken[place]
      taken[place] += most
      const inRow = chunk.slice(first, first + most)
      // Each row begins elsewhere, and none at the seam.
      return inRow.map((photo, k) => put(photo, place, panorama, ((k + 0.5) * 360) / inRow.length + 7 * row + 3 * i, latitude))
    })
  })
}

/**
 * Photos upon each other along the seam: an object of each, chosen in turn, stands across it. After each panorama the same one again, turned by 130
 * degrees: what its objects are compared with.
 */
export function layOutAtSeam(photos: readonly Picture[], panorama: Size): Placed[][] {
  const latitudes = [0, 24, -24]
  return chunks(photos, latitudes.length).flatMap((chunk, i) => {
    const across = chunk.map((photo, k) => {
      const objects = asked(photo)
      const [x1, , x2] = objects[i % objects.length].bbox
      const away = Math.atan(((x1 + x2) / 2 - photo.width / 2) / focal(panorama)) / DEGREE
      const yaw = -away / Math.cos(latitudes[k] * DEGREE)
      const placed = put(photo, 'seam', panorama, yaw, latitudes[k])
      const counted = objects.filter(({ bbox }) => isAcross(bbox, placed))
      return { ...placed, counted, turned: { ...put(photo, 'turned', panorama, yaw + 130, latitudes[k]), counted } }
    })
    return [across, across.map(({ turned }) => turned)]
  })
}

/** Whether the seam goes through the middle 80 % of an object. */
function isAcross([x1, y1, x2, y2]: Box, { projection }: Placed): boolean {
  const [left] = projection.toImage(x1 + 0.1 * (x2 - x1), (y1 + y2) / 2)
  const [right] = projection.toImage(x2 - 0.1 * (x2 - x1), (y1 + y2) / 2)
  return left > right
}

function put(photo: Picture, place: PlaceName, panorama: Size, yaw: number, latitude: number): Placed {
  const centre = [photo.width / 2, photo.height / 2] as const
  return {
    photo,
    place,
    projection: perspective(panorama, { yaw: yaw * DEGREE, pitch: latitude * DEGREE, focal: focal(panorama), centre }),
  }
}

function focal({ width }: Size): number {
  return width / (2 * Math.PI)
}

function chunks<Item>(items: readonly Item[], length: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, i) => items.slice(i * length, (i + 1) * length))
}
