import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import type { Box } from '../../geometry.js'
import type { Inference } from './decoder.js'
import { decode } from './table.js'

/** An output tensor of zeros, or of `rest`, with single values set by their place. */
function tensor(dims: number[], values: [at: number[], value: number][], rest = 0): Tensor {
  const data = new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(rest)
  for (const [at, value] of values) data[at.reduce((sum, index, axis) => sum * dims[axis] + index, 0)] = value
  return new Tensor('float32', data, dims)
}

function inference(outputs: Record<string, Tensor>, width: number, height: number, indices: number[]): Inference {
  return { outputs, input: { width, height }, indices, floor: 0.3 }
}

function expectBox(box: Box, expected: Box) {
  box.forEach((value, k) => {
    expect(value).toBeCloseTo(expected[k], 3)
  })
}

describe('nanodet', () => {
  const settings = { type: 'nanodet' as const, bins: 3, levels: [{ stride: 8, scores: 's', distances: 'd' }] }
  // A large logit makes the softmax one bin: cell (1, 1) of 4 x 2 is cell 5, centre (12, 12).
  const distances = tensor(
    [1, 8, 12],
    [
      [[0, 5, 0 * 3 + 0], 99],
      [[0, 5, 1 * 3 + 1], 99],
      [[0, 5, 2 * 3 + 2], 99],
    ],
  )

  it('takes the expectation of each distance, from the centre of the cell', () => {
    const scores = tensor([1, 8, 2], [[[0, 5, 1], 0.75]])
    const [found, ...others] = decode(settings, inference({ s: scores, d: distances }, 32, 16, [0, 1]))
    expect(others).toHaveLength(0)
    expect(found).toMatchObject({ index: 1, score: 0.75 })
    expectBox(found.box, [12, 12 - 8, 12 + 16, 12 + 8])
  })

  it('reads only the classes that count, and no score below the floor', () => {
    const scores = tensor(
      [1, 8, 2],
      [
        [[0, 5, 1], 0.75],
        [[0, 3, 0], 0.29],
      ],
    )
    expect(decode(settings, inference({ s: scores, d: distances }, 32, 16, [0]))).toEqual([])
  })

  it('names the output that is missing', () => {
    expect(() => decode(settings, inference({ d: distances }, 32, 16, [0]))).toThrow('no float32 output "s"')
  })
})

describe('ssd', () => {
  const base = { type: 'ssd' as const, scores: 's', boxes: 'b', variance: [0.1, 0.2] as [number, number] }
  const anchors: [number, number][] = [[10, 20]]

  it('shifts and scales the anchor of a cell by stride', () => {
    const settings = { ...base, activation: 'sigmoid' as const, order: 'yxhw' as const, levels: [{ stride: 16, anchors }] }
    const scores = tensor([1, 4, 2], [[[0, 3, 1], 2]], -9)
    const boxes = tensor(
      [1, 4, 4],
      [
        [[0, 3, 0], 1],
        [[0, 3, 1], 2],
        [[0, 3, 3], 5 * Math.log(2)],
      ],
    )
    const [found, ...others] = decode(settings, inference({ s: scores, b: boxes }, 32, 32, [1]))
    expect(others).toHaveLength(0)
    expect(found.score).toBeCloseTo(1 / (1 + Math.exp(-2)))
    // Centre (24, 24) moved by 0.1 * 2 * 10 across and 0.1 * 1 * 20 down; width doubled.
    expectBox(found.box, [26 - 10, 26 - 10, 26 + 10, 26 + 10])
  })

  it('divides the input into cells, counts levels one after the other, and takes scores by softmax', () => {
    const settings = {
      ...base,
      activation: 'softmax' as const,
      order: 'xywh' as const,
      levels: [
        { cells: 2, anchors },
        { cells: 1, anchors },
      ],
    }
    const scores = tensor([1, 5, 2], [[[0, 4, 1], 1]], 0)
    const found = decode(settings, { ...inference({ s: scores, b: tensor([1, 5, 4], []) }, 60, 30, [1]), floor: 0.6 })
    expect(found).toHaveLength(1)
    expect(found[0].score).toBeCloseTo(Math.E / (Math.E + 1))
    expectBox(found[0].box, [25, 5, 35, 25])
  })
})

describe('blazeface', () => {
  it('places boxes around the centre of a cell that several anchors share', () => {
    const levels = [{ stride: 16, anchorsPerCell: 2, scores: 's', boxes: 'b' }]
    const scores = tensor([1, 8, 1], [[[0, 7, 0], 3]], -9)
    const boxes = tensor(
      [1, 8, 16],
      [
        [[0, 7, 0], 1],
        [[0, 7, 1], -2],
        [[0, 7, 2], 8],
        [[0, 7, 3], 6],
        [[0, 7, 4], 99],
      ],
    )
    const [found] = decode({ type: 'blazeface', levels }, inference({ s: scores, b: boxes }, 32, 32, [0]))
    expectBox(found.box, [25 - 4, 22 - 3, 25 + 4, 22 + 3])
  })
})

describe('plate', () => {
  it('reads score and distances from planes', () => {
    const map = tensor(
      [1, 5, 2, 4],
      [
        [[0, 0, 1, 2], 0.5],
        [[0, 1, 1, 2], 3],
        [[0, 2, 1, 2], 1],
        [[0, 3, 1, 2], 4],
        [[0, 4, 1, 2], 2],
      ],
    )
    const found = decode({ type: 'plate', levels: [{ stride: 4, output: 'm' }] }, inference({ m: map }, 16, 8, [0]))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ index: 0, score: 0.5 })
    expectBox(found[0].box, [7, 5, 14, 8])
  })
})
