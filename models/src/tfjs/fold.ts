/** Nodes that can be computed while converting, because all their inputs are constants. */
import { count, type Tensor, zip } from '../tensor.js'
import type { GraphNode } from './graph.js'

type Fold = (inputs: readonly Tensor[], node: GraphNode) => Tensor

const add: Fold = ([a, b]) => zip(a, b, (x, y) => x + y)

/** TensorFlow's operators on constants. */
export const folds: Readonly<Record<string, Fold>> = {
  Add: add,
  AddV2: add,
  Mul: ([a, b]) => zip(a, b, (x, y) => x * y),

  /** Scalars become a list. */
  Pack: scalars => ({ shape: [scalars.length], data: Int32Array.from(scalars, ({ data }) => data[0]) }),

  /** One element of a list; that is all that shapes are sliced for. */
  StridedSlice: ([{ shape, data }, begin], node) => {
    if (shape.length !== 1 || node.integer('shrink_axis_mask') !== 1) throw new Error('only one element of a list can be sliced')
    return { shape: [], data: data.slice(begin.data[0], begin.data[0] + 1) }
  },

  /** A list of one value: no entry differs from the default in any of our models. */
  SparseToDense: ([indices, size, , standard]) => {
    if (indices.data.length > 0) throw new Error('only tensors without entries are supported')
    const shape = Array.from(size.data)
    return { shape, data: new Int32Array(count(shape)).fill(standard.data[0]) }
  },
}
