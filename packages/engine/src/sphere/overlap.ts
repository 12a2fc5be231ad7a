import type { ViewBox } from '../detection.js'
import type { Box } from '../geometry.js'
import { outlineOf } from './projection.js'

/** Sample points across and down a box. */
const SAMPLES = 14

/**
 * How much of each of two boxes, seen in whatever views of one panorama, lies in the other:
 * fractions 0..1 of their own areas, by sampling. From both follow all measures that boxes of one
 * image are compared by, IoU = 1 / (1 / a + 1 / b - 1).
 */
export function sharedParts(a: ViewBox, b: ViewBox): readonly [ofA: number, ofB: number] {
  const ofA = partInside(a, b)
  return ofA === 0 ? [0, 0] : [ofA, partInside(b, a)]
}

function partInside({ projection, box: [x1, y1, x2, y2] }: ViewBox, other: ViewBox): number {
  let inside = 0
  for (let row = 0; row < SAMPLES; row++) {
    for (let column = 0; column < SAMPLES; column++) {
      const u = x1 + ((column + 0.5) / SAMPLES) * (x2 - x1)
      const v = y1 + ((row + 0.5) / SAMPLES) * (y2 - y1)
      const point = other.projection.toView(...projection.toImage(u, v))
      if (point && point[0] >= other.box[0] && point[0] < other.box[2] && point[1] >= other.box[1] && point[1] < other.box[3])
        inside++
    }
  }
  return inside / SAMPLES ** 2
}

/**
 * The bounding box of a box as another view shows it; undefined where that shows only a part of it.
 */
export function asSeenIn(view: ViewBox['projection'], { projection, box }: ViewBox): Box | undefined {
  const xs: number[] = []
  const ys: number[] = []
  for (const [u, v] of outlineOf(box)) {
    const point = view.toView(...projection.toImage(u, v))
    if (!point) return undefined
    xs.push(point[0])
    ys.push(point[1])
  }
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

/**
 * A disc on the sphere that holds a box: the direction of its middle (z towards the zenith) and its
 * radius in radians.
 */
interface Disc {
  direction: Direction
  radius: number
}

type Direction = readonly [x: number, y: number, z: number]

const discs = new WeakMap<ViewBox, Disc>()

/** The disc around a box; computed once. */
export function discOf(seen: ViewBox): Disc {
  const known = discs.get(seen)
  if (known) return known
  const [x1, y1, x2, y2] = seen.box
  const direction = directionOf(seen.projection, (x1 + x2) / 2, (y1 + y2) / 2)
  const distances = outlineOf(seen.box).map(([u, v]) => angle(direction, directionOf(seen.projection, u, v)))
  const disc = { direction, radius: Math.max(...distances) }
  discs.set(seen, disc)
  return disc
}

/** False where two boxes neither overlap nor are neighbours. */
export function mayTouch(a: ViewBox, b: ViewBox): boolean {
  const [one, other] = [discOf(a), discOf(b)]
  return angle(one.direction, other.direction) <= 1.1 * (one.radius + other.radius)
}

function directionOf({ panorama, toImage }: ViewBox['projection'], u: number, v: number): Direction {
  const [x, y] = toImage(u, v)
  const longitude = (x / panorama.width) * 2 * Math.PI
  const latitude = (0.5 - y / panorama.height) * Math.PI
  return [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)]
}

function angle(a: Direction, b: Direction): number {
  return Math.acos(Math.min(1, Math.max(-1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])))
}
