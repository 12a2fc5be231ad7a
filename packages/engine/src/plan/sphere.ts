/**
 * Plans the views of a panorama of the whole sphere. Around the horizon the image itself is looked
 * at, in tiles that know no seam; towards the poles, where it is stretched out of recognition,
 * upright perspective views are.
 */

import type { ObjectClass } from '@obscura/contract/parameters'
import type { Box, Size } from '../geometry.js'
import type { Raster } from '../image.js'
import { type Camera, type Point, perspective } from '../sphere/projection.js'
import { scales, type ViewTask } from './plan.js'
import type { Profile, Tiling } from './profile.js'
import { cameraViews, fullPanorama, type Panorama, reducedPanorama, stripView } from './sphere-views.js'
import { ring, tiles } from './tiles.js'

const DEGREE = Math.PI / 180

/**
 * A zone of the sphere, in degrees above (and, mirrored, below) the horizon, that `yaws` views
 * around share.
 */
interface Zone {
  from: number
  to: number
  yaws: number
}

/** Up to this latitude an object is at most a quarter wider than it is. */
const BAND_DEGREES = 36

/**
 * What lies beyond, in views at native resolution. The more views around, the less an object is
 * turned against the upright, here by 18 degrees at most: plates and vehicles that are turned
 * further are found less often.
 */
const ZONES: readonly Zone[] = [
  { from: BAND_DEGREES, to: 64, yaws: 12 },
  { from: 64, to: 90, yaws: 10 },
]

/**
 * The same in wide views, for what is too large for a tile, with room for objects of 20 degrees:
 * turned by 23 degrees at most.
 */
const WIDE: Zone = { from: 25, to: 90, yaws: 8 }
const WIDE_ROOM = 20 * DEGREE

/**
 * Sky and ground fill these views: objects are rarer there than in a photo that someone took of
 * something. Chosen so that recall at 60 degrees stays what it is on the horizon; bench, command
 * `panorama`.
 */
const WIDE_PRIOR = { face: -1, person: -0.5, license_plate: -0.5, vehicle: 0 }

/** The wide views of the horizon: 180 x 120 degrees, of which neighbours share 60. */
const HORIZON = { yaws: 3, fraction: 1 / 2, from: 1 / 6, to: 5 / 6 }

/**
 * Px around the horizon at which wide views show a panorama: with 180 degrees 1152 px wide they are
 * about as large as networks want a photo.
 */
const REDUCED_WIDTH = 2304

/**
 * Room around a zone for objects at tile scale, at most: in small panoramas that is more than a
 * view could hold.
 */
const MAX_ROOM = 30 * DEGREE

/**
 * Plans the views of an equirectangular panorama of the whole sphere. An object no larger than what
 * tiles share lies whole in some tile, wherever it is: every view has room around its zone for one
 * whose middle is on the zone's border.
 */
export function* planSphere(raster: Raster, classes: readonly ObjectClass[], profile: Profile): Generator<ViewTask> {
  const reduced = reducedPanorama(raster, REDUCED_WIDTH)
  const wide = { classes, stage: 'whole', enlarge: Math.max(1, REDUCED_WIDTH / raster.width) } as const
  for (const part of horizonParts(raster)) yield { ...wide, view: stripView(reduced, part) }
  for (const { camera, bounds } of camerasOf(WIDE, raster.width * reduced.scale, WIDE_ROOM)) {
    const part = bounds(WIDE_ROOM)
    yield { ...wide, prior: WIDE_PRIOR, view: cameraViews(reduced, camera, sizeOf(part))(part) }
  }

  const panorama = fullPanorama(raster)
  const wanted = profile.tilings
    .map(tiling => ({ ...tiling, classes: tiling.classes.filter(name => classes.includes(name)) }))
    .filter(tiling => tiling.classes.length > 0)
  yield* towardsPoles(panorama, wanted)
  for (const tiling of wanted) yield* aroundHorizon(panorama, tiling)
}

/** Wide parts of the image around the horizon, each as far from the next. */
function horizonParts({ width, height }: Size): Box[] {
  const { yaws, fraction, from, to } = HORIZON
  return Array.from({ length: yaws }, (_, i): Box => {
    const left = Math.round((i * width) / yaws)
    return [left, Math.round(from * height), left + Math.round(fraction * width), Math.round(to * height)]
  })
}

/** Tiles around the horizon, at each scale that looks closer than the wide parts do. */
function* aroundHorizon(panorama: Panorama, tiling: Tiling): Generator<ViewTask> {
  const { width, height } = panorama.size
  for (const enlarge of closerScales(tiling, width * HORIZON.fraction, width)) {
    const room = tiling.overlap / enlarge
    const reach = (BAND_DEGREES / 180) * height + room / 2
    const top = Math.max(0, Math.floor(height / 2 - reach))
    const band = { width, height: Math.min(height, Math.ceil(height / 2 + reach)) - top }
    for (const [x1, y1, x2, y2] of ring(band, tiling.side / enlarge, room)) {
      const view = stripView(panorama, [x1, top + y1, x2, top + y2])
      yield { view, classes: tiling.classes, stage: 'tiles', enlarge }
    }
  }
}

/**
 * Views towards the poles, at the scales that look closer than the wide ones do; those of one
 * camera share its image.
 */
function* towardsPoles(panorama: Panorama, tilings: readonly Tiling[]): Generator<ViewTask> {
  const { width } = panorama.size
  const focal = width / (2 * Math.PI)
  const [widest] = camerasOf(WIDE, width, WIDE_ROOM)
  const { width: side } = sizeOf(widest.bounds(WIDE_ROOM))
  const closer = tilings.filter(tiling => closerScales(tiling, side, width).length > 0)
  const roomOf = ({ overlap, scale }: Tiling) => Math.min(MAX_ROOM, overlap / scale / focal)
  const most = Math.max(...closer.map(roomOf))
  if (closer.length === 0) return
  for (const zone of ZONES) {
    for (const { camera, bounds } of camerasOf(zone, width, most)) {
      const viewOf = cameraViews(panorama, camera, sizeOf(bounds(most)))
      for (const tiling of closer) {
        const { classes, scale: enlarge, side, overlap } = tiling
        const part = bounds(roomOf(tiling))
        for (const [x1, y1, x2, y2] of tiles(sizeOf(part), side / enlarge, overlap / enlarge)) {
          const view = viewOf([part[0] + x1, part[1] + y1, part[0] + x2, part[1] + y2])
          yield { view, classes, stage: 'tiles', enlarge }
        }
      }
    }
  }
}

/**
 * The scales at which tiles look closer than a wide view that shows `side` px of a panorama `width`
 * px wide.
 */
function closerScales(tiling: Tiling, side: number, width: number): number[] {
  const shown = (side * REDUCED_WIDTH) / width
  return scales({ ...tiling, whole: Math.min(tiling.whole, shown) }, { width: side, height: 1 })
}

/**
 * A camera and what part of its image (whole px) shows its share of the zone with room (radians)
 * for objects on the border.
 */
interface Aim {
  camera: Camera
  bounds(room: number): Box
}

/**
 * The cameras of a zone, above and below the horizon, at the native resolution of a panorama
 * `width` px wide.
 * @param most the most room that will be asked for: the images begin there
 */
function camerasOf({ from, to, yaws }: Zone, width: number, most: number): Aim[] {
  const focal = width / (2 * Math.PI)
  return [1, -1].flatMap(side => {
    const pitch = (side * (from + to) * DEGREE) / 2
    const points = shareOf({ from, to, yaws }, side, pitch)
    const bounds = (room: number) => boundsOf(points, room / 2, focal)
    const [left, top] = bounds(most)
    return Array.from({ length: yaws }, (_, i) => ({
      camera: { yaw: ((i + 0.5) * 2 * Math.PI) / yaws, pitch, focal, centre: [-left, -top] as const },
      bounds: (room: number): Box => {
        const [x1, y1, x2, y2] = bounds(room)
        return [x1 - left, y1 - top, x2 - left, y2 - top]
      },
    }))
  })
}

/**
 * Points along the border of a camera's share of a zone, in the plane at distance 1 before it (y
 * downwards).
 */
function shareOf({ from, to, yaws }: Zone, side: number, pitch: number): Point[] {
  // Degrees as px: 360 x 180.
  const { toView } = perspective({ width: 360, height: 180 }, { yaw: Math.PI, pitch, focal: 1, centre: [0, 0] })
  return Array.from({ length: 9 }, (_, i) => i / 8).flatMap(step => {
    const latitude = side * (from + step * (to - from))
    return [-1, -0.5, 0, 0.5, 1].map(turn => toView(180 + (turn * 180) / yaws, 90 - latitude)!)
  })
}

/**
 * The smallest whole box that holds all discs of `radius` radians around points of the plane: away
 * from the axis they are stretched.
 */
function boundsOf(points: readonly Point[], radius: number, focal: number): Box {
  const sides = points.map(([a, b]): Box => {
    const stretched = radius * (1 + a * a + b * b)
    return [a - stretched, b - stretched, a + stretched, b + stretched]
  })
  const least = (k: 0 | 1) => Math.floor(focal * Math.min(...sides.map(box => box[k])))
  const greatest = (k: 2 | 3) => Math.ceil(focal * Math.max(...sides.map(box => box[k])))
  return [least(0), least(1), greatest(2), greatest(3)]
}

function sizeOf([x1, y1, x2, y2]: Box): Size {
  return { width: x2 - x1, height: y2 - y1 }
}
