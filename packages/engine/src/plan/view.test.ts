import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cropView, isCut } from './view.js'

/** Red is the column, green the row. */
function ramp(width: number, height: number) {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([x, y, 7], (y * width + x) * 3)
  }
  return { width, height, data }
}

describe('cropView', () => {
  const raster = ramp(120, 80)

  it('gives the pixels of its part and locates boxes in the image', async () => {
    const view = cropView(raster, [20, 10, 100, 70])
    expect(view.size).toEqual({ width: 80, height: 60 })
    const { data, start } = await view.pixels([5, 6, 8, 7], { width: 3, height: 1 })
    expect([...data.subarray(start, start + 9)]).toEqual([25, 16, 7, 26, 16, 7, 27, 16, 7])
    expect(view.locate([5, 6, 8, 7])).toEqual([25, 16, 28, 17])
  })

  it('does not copy what keeps its size, and resizes the same bytes otherwise', async () => {
    const view = cropView(raster, [20, 10, 100, 70])
    const { data, start, row } = await view.pixels([5, 6, 75, 46], { width: 70, height: 40 })
    expect(data).toBe(raster.data)
    expect(data.subarray(start + 39 * row, start + 39 * row + 3)).toEqual(Uint8Array.of(25, 55, 7))
    const half = await view.pixels([5, 6, 75, 46], { width: 35, height: 40 })
    expect(half.row).toBe(3 * 35)
    expect(half.data.subarray(half.start + 39 * half.row)).toHaveLength(half.row)
  })

  it('averages when it shrinks, so that no pixel is skipped', async () => {
    const { data, start } = await cropView(raster, [0, 0, 120, 80]).pixels([0, 0, 120, 80], { width: 1, height: 1 })
    expect(data[start]).toBeGreaterThanOrEqual(57)
    expect(data[start]).toBeLessThanOrEqual(62)
  })

  it('knows the borders behind which the image goes on', () => {
    expect(cropView(raster, [0, 0, 120, 80]).open).toEqual({ left: false, top: false, right: false, bottom: false })
    expect(cropView(raster, [20, 0, 120, 70]).open).toEqual({ left: true, top: false, right: false, bottom: true })
  })
})

describe('isCut', () => {
  it('is about open borders only', () => {
    const open = { left: true, top: false, right: false, bottom: false }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 90 }), (x, y) => {
        expect(isCut([x, y, 100, 100], [10, 10, 100, 100], open, 2)).toBe(x <= 12)
      }),
    )
  })
})
