import { describe, expect, it } from 'vitest'
import type { Outline, RegionMask } from '../detection.js'
import type { Box } from '../geometry.js'
import { onPlane } from '../merge/on-plane.js'
import { located, onSphere } from '../merge/on-sphere.js'
import { mergeViews, type ViewDetection } from '../merge/views.js'
import { PROFILES } from '../plan/profile.js'
import { rolled } from '../sphere/projection.js'
import { maskOfOutlines } from './outlines.js'
import { runsOfRow } from './runs.js'
import { segment } from './segment.js'

const { fusion } = PROFILES.standard

/** An outline of the lower half of a frame. */
function lowerHalf(frame: Box, projection?: Outline['projection']): Outline {
  const values = Float32Array.from({ length: 16 }, (_, i) => (i < 8 ? -1 : 1))
  return { width: 4, height: 4, values, frame, projection }
}

const rows = (mask: RegionMask) => [mask.top, mask.bottom].concat(mask.runs.length > 0 ? [...new Set(mask.runs)] : [])

/** The rows with pixels, and the runs of the first of them. */
function extent(mask: RegionMask) {
  const filled = Array.from({ length: mask.bottom - mask.top }, (_, i) => mask.top + i).filter(
    y => [...runsOfRow(mask, y)].length > 0,
  )
  return { from: filled[0], to: filled.at(-1)! + 1, runs: [...runsOfRow(mask, filled[0])] }
}

const part = (box: Box, view: number, outlines?: Outline[], cut = true): ViewDetection => ({
  ...{ class: 'vehicle', score: 0.8, box, view, cut },
  ...(outlines && { outlines }),
})

describe('masks from detecting networks', () => {
  const image = { width: 400, height: 200 }

  it('cover the pixels whose centres lie inside, to the pixel', () => {
    expect(extent(maskOfOutlines([lowerHalf([10, 20, 50, 60])], image))).toEqual({ from: 40, to: 60, runs: [[10, 50]] })
    expect(extent(maskOfOutlines([lowerHalf([10.4, 20.4, 50.7, 60.4])], image))).toEqual({ from: 40, to: 60, runs: [[10, 51]] })
  })

  it('end where the image ends', () => {
    expect(extent(maskOfOutlines([lowerHalf([380, 160, 420, 220])], image))).toMatchObject({
      from: 190,
      to: 200,
      runs: [[380, 400]],
    })
    expect(rows(maskOfOutlines([lowerHalf([500, 20, 540, 60])], image)).slice(2)).toEqual([])
  })

  it('of parts that tiles cut are one mask', async () => {
    const merged = mergeViews(
      [
        part([100, 50, 200, 150], 1, [lowerHalf([100, 50, 200, 150])]),
        part([195, 50, 300, 150], 2, [lowerHalf([195, 50, 300, 150])]),
      ],
      fusion,
      onPlane(image),
    )
    expect(merged).toMatchObject([{ box: [100, 50, 300, 150] }])
    const raster = { ...image, data: new Uint8Array(image.width * image.height * 3) }
    const [{ mask, shape }] = await segment(raster, merged, { bbox: false, ignores: [] })
    expect(shape).toBe('outline')
    expect(extent(mask)).toEqual({ from: 100, to: 150, runs: [[100, 300]] })
    const [boxed] = await segment(raster, merged, { bbox: true, ignores: [] })
    expect(boxed.shape).toBe('rectangle')
  })

  it('do not stand for a whole of which one part has none', () => {
    const merged = mergeViews(
      [part([100, 50, 200, 150], 1, [lowerHalf([100, 50, 200, 150])]), part([195, 50, 300, 150], 2)],
      fusion,
      onPlane(image),
    )
    expect(merged).toHaveLength(1)
    expect(merged[0].outlines).toBeUndefined()
  })

  it('of another view are taken where the better one has none', () => {
    const merged = mergeViews(
      [
        { ...part([100, 50, 200, 150], 0, undefined, false), score: 0.9 },
        part([101, 51, 201, 151], 1, [lowerHalf([101, 51, 201, 151])], false),
      ],
      fusion,
      onPlane(image),
    )
    expect(merged).toMatchObject([{ score: 0.9, outlines: [{ frame: [101, 51, 201, 151] }] }])
  })

  it('of an object on the seam of a panorama cover it on both sides', async () => {
    const panorama = { width: 3600, height: 1800, data: new Uint8Array(3600 * 1800 * 3) }
    const [left, right] = [rolled(panorama, 1700), rolled(panorama, 1900)]
    const cutBy = (projection: typeof left, box: Box, view: number): ViewDetection => ({
      ...located({ class: 'vehicle', score: 0.8 }, { projection, box }),
      ...{ view, cut: true, outlines: [lowerHalf(box, projection)] },
    })
    const merged = mergeViews([cutBy(left, [1850, 800, 1900, 950], 0), cutBy(right, [1690, 800, 1760, 950], 1)], fusion, onSphere)
    expect(merged).toHaveLength(1)
    const [{ mask }] = await segment(panorama, merged, { bbox: false, ignores: [] })
    expect(extent(mask)).toEqual({
      ...{ from: 875, to: 950 },
      runs: [
        [0, 60],
        [3550, 3600],
      ],
    })
  })
})
