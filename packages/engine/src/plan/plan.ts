import { type Grid, type ObjectClass, readGrid, ValueError } from '@obscura/contract/parameters'
import { EngineError } from '../errors.js'
import type { Box, Size } from '../geometry.js'
import type { Raster } from '../image.js'
import type { Profile, Stage, Tiling } from './profile.js'
import { filledScale, grid, tiles } from './tiles.js'
import { cropView, type View } from './view.js'

/** One view and the classes to detect in it. */
export interface ViewTask {
  view: View
  classes: readonly ObjectClass[]
  stage: Stage
  /** Maximum enlargement for networks of variable size. */
  enlarge: number
  /** Log odds of an object here against those in an ordinary photo, by class; 0 by default. */
  prior?: Readonly<Record<ObjectClass, number>>
}

/**
 * Plans the views of an image: the whole image first, then, for large ones, tiles. A custom grid
 * replaces the tiles; each of its tiles is processed like a separate image. A generator, so that
 * the pixels of a view need not outlive it.
 * @throws EngineError PARAMETER_ERROR_FORMAT for a grid that does not fit this image
 */
export function* plan(
  raster: Raster,
  classes: readonly ObjectClass[],
  format: string | Grid,
  profile: Profile,
): Generator<ViewTask> {
  const likePhoto = (box: Box): ViewTask => ({
    view: cropView(raster, box),
    classes,
    stage: 'whole',
    enlarge: Number.POSITIVE_INFINITY,
  })
  const tiled = typeof format === 'string' ? [] : gridTiles(raster, format)
  yield likePhoto([0, 0, raster.width, raster.height])
  for (const box of tiled) yield likePhoto(box)
  if (typeof format !== 'string') return
  for (const tiling of profile.tilings) {
    const wanted = tiling.classes.filter(name => classes.includes(name))
    if (wanted.length === 0) continue
    for (const level of scales(tiling, raster)) {
      const { side, overlap, fill } = tiling
      const enlarge = fill ? filledScale(raster, side, overlap, level) : level
      for (const box of tiles(raster, side / enlarge, overlap / enlarge)) {
        yield { view: cropView(raster, box), classes: wanted, stage: 'tiles', enlarge }
      }
    }
  }
}

/**
 * The scales of tiles, finest first. Each level is at most {@link Tiling.level} times finer than
 * the one above, so that an object too large for a tile is large enough to be detected there; the
 * whole view is the topmost.
 */
export function scales({ scale, gain, whole, level: step = LEVEL }: Tiling, { width, height }: Size): number[] {
  const coarsest = whole / Math.max(width, height)
  const levels: number[] = []
  for (let level = scale; level >= gain * coarsest; level /= step) levels.push(level)
  return levels
}

const LEVEL = 4

/** Smallest side of a grid's tile in px: below, a grid only costs time. */
const MIN_TILE_SIDE = 32

function gridTiles(size: Size, given: Grid) {
  const { number, overlap } = checkedGrid(given)
  const boxes = number[0] * number[1] === 1 ? [] : grid(size, number, overlap)
  if (boxes.some(([x1, y1, x2, y2]) => x2 - x1 < MIN_TILE_SIDE || y2 - y1 < MIN_TILE_SIDE)) {
    throw refuse(
      `${number[0]} x ${number[1]} tiles of a ${size.width} x ${size.height} px image are smaller than ${MIN_TILE_SIDE} px.`,
    )
  }
  return boxes
}

function checkedGrid(given: Grid): Grid {
  try {
    return readGrid({ ...given })
  } catch (error) {
    throw error instanceof ValueError ? refuse(error.message) : error
  }
}

function refuse(why: string): EngineError {
  return new EngineError('PARAMETER_ERROR_FORMAT', `The tiling grid cannot be used. ${why}`)
}
