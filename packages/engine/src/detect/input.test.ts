import type { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { cropView } from '../plan/view.js'
import { fitInto, type InputLayout, InputMemory, locate, prepare } from './input.js'

const layout: InputLayout = {
  tensor: 'x',
  size: { multiple: 32 },
  resize: 'letterbox',
  padding: { value: 114, position: 'end' },
  channels: 'rgb' as const,
  mean: [100, 110, 120],
  std: [10, 20, 30],
}

describe('fitInto', () => {
  it('keeps the aspect and rounds the input up to the multiple', () => {
    expect(fitInto({ width: 1280, height: 853 }, layout, { longSide: 640 })).toEqual({
      input: { width: 640, height: 448 },
      content: { width: 640, height: 427 },
      left: 0,
      top: 0,
    })
  })

  it('enlarges no further than allowed', () => {
    expect(fitInto({ width: 100, height: 50 }, layout, { longSide: 1280, enlarge: 2 }).content).toEqual({
      width: 200,
      height: 100,
    })
  })

  it('survives images of one pixel and of extreme aspect', () => {
    expect(fitInto({ width: 1, height: 1 }, layout, { longSide: 640 }).input).toEqual({ width: 640, height: 640 })
    expect(fitInto({ width: 16384, height: 3 }, layout, { longSide: 640 }).content).toEqual({ width: 640, height: 1 })
  })

  it('fills a fixed input by stretching, or centres the image in it', () => {
    const fixed: InputLayout = { ...layout, size: { width: 300, height: 300 } }
    expect(fitInto({ width: 200, height: 50 }, { ...fixed, resize: 'stretch' }, {}).content).toEqual({ width: 300, height: 300 })
    expect(fitInto({ width: 200, height: 50 }, { ...fixed, padding: { value: 0, position: 'centre' } }, {})).toMatchObject({
      content: { width: 300, height: 75 },
      left: 0,
      top: 112,
    })
  })
})

describe('prepare', () => {
  const floats = (layout: InputLayout) => ({ layout, takesBytes: false })
  const coloursOf = ({ data }: Tensor) => [...(data as Uint8Array)].filter((_, i) => i % 4 < 3)
  const memory = new InputMemory()
  const raster = { width: 4, height: 2, data: Uint8Array.from({ length: 24 }, (_, i) => i) }
  const view = cropView(raster, [0, 0, 4, 2])

  it('mirrors only what is shown, and locates boxes where they are in the view', async () => {
    const fixed: InputLayout = { ...layout, size: { width: 6, height: 2 }, padding: { value: 114, position: 'centre' } }
    const plain = await prepare(view, [0, 0, 4, 2], floats(fixed), {}, memory)
    const rows = [...(plain.feeds.x.data as Float32Array)]
    const mirrored = await prepare(view, [0, 0, 4, 2], floats(fixed), { mirror: true }, memory)
    const turned = [...(mirrored.feeds.x.data as Float32Array)]
    expect(turned.slice(0, 6)).toEqual(rows.slice(0, 6).reverse())
    // The left half of the view is at the right of the mirrored input.
    expect(locate([3, 0, 5, 2], mirrored.place)).toEqual([0, 0, 2, 2])
    expect(locate([1, 0, 3, 2], plain.place)).toEqual([0, 0, 2, 2])
  })

  it('normalises into planes and pads the rest', async () => {
    const { feeds } = await prepare(view, [0, 0, 4, 2], floats({ ...layout, size: { width: 4, height: 3 } }), {}, memory)
    const data = feeds.x.data as Float32Array
    expect(feeds.x.dims).toEqual([1, 3, 3, 4])
    // Row 1, column 2: sample 18, 19, 20.
    expect([data[6], data[12 + 6], data[24 + 6]].map(value => Math.round(value * 1000))).toEqual([-8200, -4550, -3333])
    expect([data[8], data[12 + 11], data[24 + 9]].map(value => Math.round(value * 1000))).toEqual([1400, 200, -200])
  })

  it('swaps the channels for BGR', async () => {
    const form = floats({ ...layout, channels: 'bgr', size: { width: 4, height: 2 } })
    const { feeds } = await prepare(view, [0, 0, 4, 2], form, {}, memory)
    const data = feeds.x.data as Float32Array
    expect(data[0]).toBeCloseTo((2 - 100) / 10)
    expect(data[16]).toBeCloseTo((0 - 120) / 30)
  })

  it.each([
    ['fills the input', 2],
    ['is padded at the end', 3],
  ])('gives bytes where the image %s', async (_, height) => {
    const form = { layout: { ...layout, channels: 'bgr' as const, size: { width: 4, height } }, takesBytes: true }
    const { feeds } = await prepare(view, [0, 0, 4, 2], form, {}, memory)
    expect(feeds.x.type).toBe('uint8')
    expect(feeds.x.dims).toEqual([1, height, 4, 4])
    const colours = coloursOf(feeds.x)
    expect(colours.slice(0, 24)).toEqual([...raster.data])
    expect(colours.slice(24)).toEqual(new Array(12 * (height - 2)).fill(114))
  })

  it.each([
    ['fill the input', 4, 0],
    ['are padded in the centre', 6, 1],
  ])('mirrors bytes that %s without changing those of other networks', async (_, width, left) => {
    const centred = { ...layout, size: { width, height: 2 }, padding: { value: 114, position: 'centre' as const } }
    const form = { layout: centred, takesBytes: true }
    const { feeds } = await prepare(view, [0, 0, 4, 2], form, { mirror: true }, memory)
    const first = coloursOf(feeds.x).slice(3 * left, 3 * (left + 4))
    expect(first).toEqual([9, 10, 11, 6, 7, 8, 3, 4, 5, 0, 1, 2])
    const plain = await prepare(view, [0, 0, 4, 2], form, {}, memory)
    expect(coloursOf(plain.feeds.x).slice(3 * left, 3 * (left + 4))).toEqual([...raster.data.subarray(0, 12)])
  })

  it('locates boxes of the input in the view, whatever the frame, scale and padding', async () => {
    const large = cropView({ width: 300, height: 200, data: new Uint8Array(300 * 200 * 3) }, [0, 0, 300, 200])
    const fixed: InputLayout = { ...layout, size: { width: 100, height: 100 }, padding: { value: 0, position: 'centre' } }
    const { place } = await prepare(large, [100, 0, 300, 100], floats(fixed), {}, memory)
    expect(locate([0, 25, 100, 75], place)).toEqual([100, 0, 300, 100])
    expect(locate([50, 50, 60, 55], place)).toEqual([200, 50, 220, 60])
  })
})
