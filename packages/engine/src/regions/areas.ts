/** Regions of the areas that are anonymized whatever is detected. */
import type { Area, Point, PoleArea } from '@obscura/contract/parameters'
import type { Region } from '../detection.js'
import type { Box, Size } from '../geometry.js'
import { boxAround, polygon } from '../segment/polygon.js'
import { rectangle } from '../segment/shape.js'
import { perspective } from '../sphere/projection.js'

/** Said of an image that has no poles. */
export const NOT_A_PANORAMA = 'The areas nadir and zenith were ignored, because the image is not a panorama of the whole sphere.'

/** The regions of areas in an image; `isSphere` tells whether nadir and zenith have a meaning. */
export function areaRegions(areas: readonly Area[], size: Size, isSphere: boolean): Region[] {
  return areas.filter(area => isSphere || !isAtPole(area)).map(area => areaRegion(area, size))
}

/** Whether an area is a circle around a pole of a panorama. */
export function isAtPole(area: Area): area is PoleArea {
  return 'nadir' in area || 'zenith' in area
}

/** The region of an area. Under a logo it is blurred. */
export function areaRegion(area: Area, size: Size): Region {
  const method = area.method === 'logo' ? 'blur' : area.method
  const common = { class: 'area', score: 1, always: true, method } as const
  if ('box' in area) {
    const box = scaled(corners(area.box), area.unit, size)
    const whole: Box = [...box[0], ...box[1]]
    return { ...common, shape: 'rectangle', box: whole, mask: rectangle(whole, size) }
  }
  if ('polygon' in area) {
    const points = scaled(area.polygon, area.unit, size)
    return { ...common, shape: 'outline', box: boxAround(points), mask: polygon(points, size) }
  }
  return { ...common, shape: 'outline', ...poleCap(area, size) }
}

function corners([x1, y1, x2, y2]: Box): Point[] {
  return [
    [x1, y1],
    [x2, y2],
  ]
}

function scaled(points: readonly Point[], unit: 'pixels' | 'percent', { width, height }: Size): Point[] {
  return unit === 'pixels' ? [...points] : points.map(([x, y]) => [(x * width) / 100, (y * height) / 100])
}

/**
 * A circle around a pole: whole rows of the image, rendered as a camera sees them that looks up or
 * down, at the resolution of the image's equator.
 */
function poleCap(area: PoleArea, size: Size): Pick<Region, 'box' | 'mask' | 'seen'> {
  const isNadir = 'nadir' in area
  const degrees = isNadir ? area.nadir : area.zenith
  const rows = (size.height * degrees) / 180
  const box: Box = isNadir ? [0, size.height - rows, size.width, size.height] : [0, 0, size.width, rows]
  const focal = size.width / (2 * Math.PI)
  const radius = focal * Math.tan((degrees * Math.PI) / 180)
  const projection = perspective(size, { yaw: 0, pitch: isNadir ? -Math.PI / 2 : Math.PI / 2, focal, centre: [0, 0] })
  return { box, mask: rectangle(box, size), seen: { projection, box: [-radius, -radius, radius, radius] } }
}
