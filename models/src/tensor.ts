/** Constant tensors: what weights and folded parts of a graph are. */

/**
 * Row-major; a scalar has shape []. Float data is float32, integers (shapes, axes, paddings)
 * are int32.
 */
export interface Tensor {
  shape: readonly number[]
  data: Float32Array | Int32Array
}

/** Number of elements of a shape. */
export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** Distance in memory of two neighbours along each axis. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => count(shape.slice(axis + 1)))
}

/**
 * Copies elements to a new shape: element (i, j, ...) comes from sum(index * step) of the source.
 */
function gather(source: Tensor, shape: readonly number[], steps: readonly number[]): Tensor {
  const data = source.data instanceof Float32Array ? new Float32Array(count(shape)) : new Int32Array(count(shape))
  const index = new Array<number>(shape.length).fill(0)
  let from = 0
  for (let to = 0; to < data.length; to++) {
    data[to] = source.data[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis]
      if (++index[axis] < shape[axis]) break
      from -= steps[axis] * shape[axis]
      index[axis] = 0
    }
  }
  return { shape, data }
}

/** Axis i of the result is axis order[i] of the tensor. */
export function transpose(tensor: Tensor, order: readonly number[]): Tensor {
  const strides = stridesOf(tensor.shape)
  return gather(
    tensor,
    order.map(axis => tensor.shape[axis]),
    order.map(axis => strides[axis]),
  )
}

/** The shape that two operands have in common after broadcasting (numpy's rule). */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1]
    if (x !== y && x !== 1 && y !== 1) throw new Error(`shapes [${a}] and [${b}] are incompatible`)
    return x === 1 ? y : x
  })
}

/** Applies a function element by element, with broadcasting. */
export function zip(a: Tensor, b: Tensor, apply: (x: number, y: number) => number): Tensor {
  const shape = broadcastShape(a.shape, b.shape)
  const [x, y] = [spread(a, shape), spread(b, shape)]
  return { shape, data: x.data.map((value: number, i: number) => apply(value, y.data[i])) }
}

function spread(tensor: Tensor, shape: readonly number[]): Tensor {
  const padded = [...new Array<number>(shape.length - tensor.shape.length).fill(1), ...tensor.shape]
  const strides = stridesOf(padded)
  return gather(
    tensor,
    shape,
    padded.map((size, axis) => (size === 1 ? 0 : strides[axis])),
  )
}
