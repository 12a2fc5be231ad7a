/**
 * Projections of a panorama: the mapping between px of a view and px of an equirectangular image on
 * the sphere.
 */
import type { Box, Size } from '../geometry.js'

export type Point = readonly [x: number, y: number]

/**
 * A view of a panorama. Points are continuous: the centre of the first px is (0.5, 0.5). The
 * image's columns go round once: x and x + width are the same place; its first row is the zenith,
 * its last the nadir.
 */
export interface Projection {
  /** The panorama that it is a view of. */
  readonly panorama: Size
  /** Its px are those of the image, counted from another column. */
  readonly straight: boolean
  /** What {@link rolled} or {@link perspective} made it of: plain data that can be stored. */
  readonly description: { left: number } | { camera: Camera }
  /** Where a point of the view lies in the image, 0 <= x < width. */
  toImage(u: number, v: number): Point
  /** Where a point of the image lies in the view; undefined where the view does not show it. */
  toView(x: number, y: number): Point | undefined
  /**
   * {@link toView} for the centres of `us.length` px of image row `y` from column `from` on (which
   * may be below 0 or beyond the width); NaN where it shows nothing.
   */
  rowToView(y: number, from: number, us: Float64Array, vs: Float64Array): void
}

/**
 * The panorama itself, cut open at another place: column `left` of the image is column 0 of the
 * view.
 */
export function rolled(panorama: Size, left: number): Projection {
  const { width, height } = panorama
  return {
    panorama: { width, height },
    straight: true,
    description: { left },
    toImage: (u, v) => [modulo(u + left, width), v],
    toView: (x, y) => (y < 0 || y > height ? undefined : [modulo(x - left, width), y]),
    rowToView(y, from, us, vs) {
      vs.fill(y + 0.5)
      for (let i = 0; i < us.length; i++) us[i] = modulo(from + i + 0.5 - left, width)
    },
  }
}

/** Where a perspective view looks. */
export interface Camera {
  /** Radians from the image's left edge to the right. */
  yaw: number
  /** Radians above the horizon. */
  pitch: number
  /** Px a radian in the middle of the view. */
  focal: number
  /** The view's point on the optical axis. */
  centre: Point
}

/**
 * Directions further from the axis than this cosine are not shown: there a px is stretched nine
 * times.
 */
const MIN_COSINE = 0.33

/**
 * An upright perspective (gnomonic) view. (https://mathworld.wolfram.com/GnomonicProjection.html)
 */
export function perspective(panorama: Size, camera: Camera): Projection {
  const { width, height } = panorama
  const { yaw, pitch, focal, centre } = camera
  const [cx, cy] = centre
  const sin = Math.sin(pitch)
  const cos = Math.cos(pitch)
  const longitude = (x: number) => (x / width) * 2 * Math.PI - yaw
  const latitude = (y: number) => Math.PI / 2 - (y / height) * Math.PI
  return {
    panorama: { width, height },
    straight: false,
    description: { camera },
    toImage(u, v) {
      const right = (u - cx) / focal
      const up = (cy - v) / focal
      const ahead = cos - up * sin
      const x = ((yaw + Math.atan2(right, ahead)) / (2 * Math.PI)) * width
      const y = (0.5 - Math.atan2(sin + up * cos, Math.hypot(right, ahead)) / Math.PI) * height
      return [modulo(x, width), y]
    },
    toView(x, y) {
      const away = Math.cos(latitude(y))
      const high = Math.sin(latitude(y))
      const ahead = away * Math.cos(longitude(x))
      const depth = ahead * cos + high * sin
      if (depth < MIN_COSINE) return undefined
      return [cx + (focal * away * Math.sin(longitude(x))) / depth, cy - (focal * (high * cos - ahead * sin)) / depth]
    },
    rowToView(y, from, us, vs) {
      const away = Math.cos(latitude(y + 0.5))
      const high = Math.sin(latitude(y + 0.5))
      // One step to the right turns (c, s) by the same angle.
      let c = Math.cos(longitude(from + 0.5))
      let s = Math.sin(longitude(from + 0.5))
      const [turnC, turnS] = [Math.cos((2 * Math.PI) / width), Math.sin((2 * Math.PI) / width)]
      for (let i = 0; i < us.length; i++) {
        const ahead = away * c
        const depth = ahead * cos + high * sin
        us[i] = depth < MIN_COSINE ? Number.NaN : cx + (focal * away * s) / depth
        vs[i] = depth < MIN_COSINE ? Number.NaN : cy - (focal * (high * cos - ahead * sin)) / depth
        const next = c * turnC - s * turnS
        s = s * turnC + c * turnS
        c = next
      }
    },
  }
}

/** Steps along each side of a box when its outline is followed. */
const STEPS = 12

/** Points along the outline of a box, clockwise from its upper left corner. */
export function outlineOf([x1, y1, x2, y2]: Box): Point[] {
  const corners: Point[] = [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ]
  return corners.flatMap(([ax, ay], i) => {
    const [bx, by] = corners[(i + 1) % 4]
    return Array.from({ length: STEPS }, (_, k): Point => [ax + ((bx - ax) * k) / STEPS, ay + ((by - ay) * k) / STEPS])
  })
}

/**
 * The bounding box in the image of a box of a view, unwrapped: 0 <= x1 < width, and x2 exceeds the
 * width where it goes on behind the seam. Around a pole it is as wide as the image.
 */
export function imageBox({ panorama, toImage, toView }: Projection, box: Box): Box {
  const { width, height } = panorama
  const holds = (y: number) => {
    const pole = toView(0, y)
    return pole !== undefined && pole[0] >= box[0] && pole[0] <= box[2] && pole[1] >= box[1] && pole[1] <= box[3]
  }
  const points = outlineOf(box).map(([u, v]) => toImage(u, v))
  const top = holds(0) ? 0 : Math.max(0, Math.min(...points.map(([, y]) => y)))
  const bottom = holds(height) ? height : Math.min(height, Math.max(...points.map(([, y]) => y)))
  if (holds(0) || holds(height)) return [0, top, width, bottom]
  let x = points[0][0]
  let [left, right] = [x, x]
  for (const [next] of points) {
    x += shortWay(next - x, width)
    left = Math.min(left, x)
    right = Math.max(right, x)
  }
  if (right - left >= width) return [0, top, width, bottom]
  const start = modulo(left, width)
  return [start, top, start + right - left, bottom]
}

/** A difference of columns, the short way round: -width / 2 .. width / 2. */
export function shortWay(difference: number, width: number): number {
  return difference - width * Math.round(difference / width)
}

/** value modulo length, 0 <= result < length. */
export function modulo(value: number, length: number): number {
  const rest = value - length * Math.floor(value / length)
  // A tiny negative value rounds up to the length itself.
  return rest < length ? rest : 0
}
