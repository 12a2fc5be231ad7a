/** Where photos are put on a sphere. */
import { area, type Box, CLASSES, clip, type Size } from '@obscura/engine'
import { type Projection, perspective } from '@obscura/engine/internals'
import type { LabelledObject, Photo } from '../labels.js'

const DEGREE = Math.PI / 180

/**
 * The places that figures are given for. What stands across the seam, the image's left and right
 * edge, stands in another panorama turned away from it.
 */
export const PLACES = ['horizon', '30', '60', '80', 'turned', 'seam'] as const
export type PlaceName = (typeof PLACES)[number]

/** A part of a photo, at its own size, with the labels in it. */
export interface SizedPhoto extends Photo {
  /** Where the part begins in the photo, px. */
  left: number
  top: number
}

/**
 * The part of a photo around its first object, at most `side` px wide and high; objects that it
 * cuts are ignored.
 */
export function sizedPhoto(photo: Photo, side: number): SizedPhoto {
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

/**
 * A photo on the sphere: a perspective image, upright, as many px a radian as the panorama has.
 */
export interface Placed {
  photo: SizedPhoto
  place: PlaceName
  /** Its view, in px of the photo. */
  projection: Projection
}

/** A row of a panorama: degrees above the horizon, and how many photos it has room for. */
interface Row {
  place: PlaceName
  latitude: number
  most: number
}

/** Rows that share a panorama: photos of 28 degrees do not overlap there. */
const SCENES: readonly (readonly Row[])[] = [
  [
    { place: 'horizon', latitude: 0, most: 8 },
    { place: '30', latitude: 30, most: 4 },
    { place: '30', latitude: -30, most: 4 },
    { place: '60', latitude: 60, most: 4 },
    { place: '60', latitude: -60, most: 4 },
  ],
  [
    { place: '80', latitude: 81, most: 1 },
    { place: '80', latitude: -81, most: 1 },
  ],
]

/**
 * Photos of each scene of {@link layOut}: each stands on the horizon, at 30 and at 60 degrees once,
 * above or below.
 */
const PHOTOS = 8

/**
 * Distributes photos over panoramas, every photo at every latitude (at 80 degrees two of {@link
 * PHOTOS}).
 */
export function layOut(photos: readonly SizedPhoto[], panorama: Size): Placed[][] {
  return chunks(photos, PHOTOS).flatMap((chunk, i) => SCENES.map(rows => inRows(chunk, rows, 3 * i, panorama)))
}

function inRows(photos: readonly SizedPhoto[], rows: readonly Row[], turn: number, panorama: Size): Placed[] {
  const taken = { horizon: 0, '30': 0, '60': 0, '80': 0, turned: 0, seam: 0 }
  return rows.flatMap(({ place, latitude, most }, row) => {
    const first = taken[place]
    taken[place] += most
    const inRow = photos.slice(first, first + most)
    // Each row begins elsewhere, and none at the seam.
    return inRow.map((photo, k) => put(photo, place, panorama, ((k + 0.5) * 360) / inRow.length + 7 * row + turn, latitude))
  })
}

/**
 * A photo once for each of its objects to be placed across the seam, with that object first: at
 * most `most` of each class. What stands above or below such an object counts with it; all others
 * are ignored, so that none counts twice.
 */
export function columnsOf(photo: Photo, most: number): Photo[] {
  const taken = new Set<LabelledObject>()
  return CLASSES.flatMap(name => {
    const candidates = asked(photo).filter(({ type }) => type === name)
    return candidates.flatMap(object => {
      if (taken.has(object) || candidates.filter(other => taken.has(other)).length >= most) return []
      const [middle] = middleOf(object.bbox)
      const column = asked(photo)
        .filter(({ bbox }) => bbox[0] < middle && middle < bbox[2])
        .filter(other => !taken.has(other))
      for (const other of column) taken.add(other)
      const others = photo.objects.filter(other => other !== object)
      return [{ ...photo, objects: [object, ...ignoreAllBut(others, other => column.includes(other))] }]
    })
  })
}

/**
 * The stacks of {@link layOutAtSeam}: how far up and down they reach at most, and the room between
 * photos and between two stacks, in degrees.
 */
const STACK = { reach: 65, gap: 3, away: 130 }

/**
 * Photos stacked along the seam, the first object of each across it. A panorama holds two stacks:
 * it comes with the one along the seam, then turned so that the other is. Each stack away from the
 * seam is what it is compared with along the seam.
 */
export function layOutAtSeam(photos: readonly SizedPhoto[], panorama: Size): Placed[][] {
  const stacks = stacksOf(photos, panorama).map(stack => stack.map(one => acrossSeam(one, panorama)))
  return chunks(stacks, 2).flatMap(pair =>
    [0, 1].map(turn =>
      pair.flatMap((stack, k) =>
        stack.map(({ photo, yaw, latitude }) =>
          put(photo, k === turn ? 'seam' : 'turned', panorama, yaw + STACK.away * (k - turn), latitude),
        ),
      ),
    ),
  )
}

interface Stacked {
  photo: SizedPhoto
  latitude: number
}

/** Photos upon each other, from below, as many as there is room for. */
function stacksOf(photos: readonly SizedPhoto[], panorama: Size): Stacked[][] {
  const stacks: Stacked[][] = []
  let top = Number.POSITIVE_INFINITY
  for (const photo of photos) {
    const height = (2 * Math.atan(photo.height / 2 / focal(panorama))) / DEGREE
    if (top + height > STACK.reach) {
      stacks.push([])
      top = -STACK.reach
    }
    stacks.at(-1)!.push({ photo, latitude: top + height / 2 })
    top += height + STACK.gap
  }
  return stacks
}

/**
 * Where a photo stands when the seam goes through its first object. What the seam does not go
 * through is ignored.
 */
function acrossSeam({ photo, latitude }: Stacked, panorama: Size): Stacked & { yaw: number } {
  const before = put(photo, 'seam', panorama, 0, latitude)
  const [x] = before.projection.toImage(...middleOf(asked(photo)[0].bbox))
  const yaw = (-360 * x) / panorama.width
  const placed = put(photo, 'seam', panorama, yaw, latitude)
  return { photo: { ...photo, objects: ignoreAllBut(photo.objects, ({ bbox }) => isAcross(bbox, placed)) }, yaw, latitude }
}

function ignoreAllBut(objects: readonly LabelledObject[], counts: (object: LabelledObject) => boolean): LabelledObject[] {
  return objects.map(object => (counts(object) ? object : { ...object, ignore: true }))
}

function middleOf([x1, y1, x2, y2]: Box): [number, number] {
  return [(x1 + x2) / 2, (y1 + y2) / 2]
}

/** Whether the seam goes through the middle 80 % of an object. */
function isAcross([x1, y1, x2, y2]: Box, { projection }: Placed): boolean {
  const [left] = projection.toImage(x1 + 0.1 * (x2 - x1), (y1 + y2) / 2)
  const [right] = projection.toImage(x2 - 0.1 * (x2 - x1), (y1 + y2) / 2)
  return left > right
}

function put(photo: SizedPhoto, place: PlaceName, panorama: Size, yaw: number, latitude: number): Placed {
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
