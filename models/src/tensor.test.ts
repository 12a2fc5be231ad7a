import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { broadcastShape, count, type Tensor, transpose, zip } from './tensor.js'

/** A tensor of four axes whose elements are their own places. */
const tensors = fc
  .tuple(...[1, 2, 3, 4].map(() => fc.integer({ min: 1, max: 4 })))
  .map((shape): Tensor => ({ shape, data: Int32Array.from({ length: count(shape) }, (_, i) => i) }))
const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 })

function at({ shape, data }: Tensor, index: readonly number[]): number {
  return data[index.reduce((offset, i, axis) => offset * shape[axis] + i, 0)]
}

describe('transpose', () => {
  it('moves each element to its place in the new order', () => {
    fc.assert(
      fc.property(tensors, orders, fc.nat(), (tensor, order, seed) => {
        const index = tensor.shape.map((size, axis) => (seed >> (2 * axis)) % size)
        const moved = transpose(tensor, order)
        expect(moved.shape).toEqual(order.map(axis => tensor.shape[axis]))
        expect(
          at(
            moved,
            order.map(axis => index[axis]),
          ),
        ).toBe(at(tensor, index))
      }),
    )
  })
})

describe('zip', () => {
  it('broadcasts as numpy does', () => {
    const column: Tensor = { shape: [2, 1], data: Float32Array.of(10, 20) }
    const row: Tensor = { shape: [3], data: Float32Array.of(1, 2, 3) }
    expect(zip(column, row, (x, y) => x + y)).toEqual({ shape: [2, 3], data: Float32Array.of(11, 12, 13, 21, 22, 23) })
  })

  it('refuses shapes that are incompatible', () => {
    expect(() => broadcastShape([2, 3], [2])).toThrow('shapes [2,3] and [2] are incompatible')
  })
})
