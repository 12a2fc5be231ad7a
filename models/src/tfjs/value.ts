/**
 * Values of a graph during its conversion. TensorFlow keeps images as N x H x W x C, ONNX as N x C
 * x H x W. Instead of transposing around each convolution a value remembers under which names it
 * exists in which order, and is transposed only when an order is asked for that no node has made
 * yet.
 */
import type { OnnxBuilder } from '../onnx.js'
import { type Tensor, transpose } from '../tensor.js'

/**
 * `plain`: the axes as TensorFlow has them; `channelsFirst`: a 4-D value with its last axis moved
 * to second place.
 */
export type Layout = 'plain' | 'channelsFirst'

/** What a node computes at run time. `shape` is always in TensorFlow's order. */
export interface Activation {
  shape: readonly number[]
  names: Partial<Record<Layout, string>>
}

/** A result of a node: computed at run time, or constant. */
export type Value = Activation | Tensor

/**
 * The ONNX order of axes for each layout: axis i of the ONNX tensor is axis order[i] of the
 * TensorFlow tensor.
 */
export const axisOrder: Record<Layout, readonly number[]> = { plain: [0, 1, 2, 3], channelsFirst: [0, 3, 1, 2] }
const backToPlain = [0, 2, 3, 1]

/** Whether the value is known when the graph is converted. */
export function isConstant(value: Value): value is Tensor {
  return 'data' in value
}

/** A value that exists under one name. */
export function activation(shape: readonly number[], layout: Layout, name: string): Activation {
  return { shape, names: { [layout]: name } }
}

/**
 * The layout that costs nothing: the one that an operand already has; values of other than four
 * axes are always plain.
 */
export function layoutOf(...values: Value[]): Layout {
  const running = values.filter((value): value is Activation => !isConstant(value))
  return running.some(({ names }) => names.channelsFirst !== undefined) ? 'channelsFirst' : 'plain'
}

/** Where an axis of TensorFlow's order stands in a layout. */
export function axisIn(layout: Layout, axis: number): number {
  return layout === 'plain' ? axis : axisOrder.channelsFirst.indexOf(axis)
}

/**
 * The name under which a value exists in a layout; adds a constant or a transposition when there is
 * none yet.
 */
export function nameOf(value: Value, layout: Layout, onnx: OnnxBuilder): string {
  if (isConstant(value)) {
    const { shape, data } = layout === 'plain' ? value : transpose(value, axisOrder.channelsFirst)
    return onnx.floats(data, shape)
  }
  const { names } = value
  if (names[layout] === undefined) {
    names[layout] =
      layout === 'plain'
        ? onnx.node('Transpose', [names.channelsFirst!], { perm: backToPlain })
        : onnx.node('Transpose', [names.plain!], { perm: axisOrder.channelsFirst })
  }
  return names[layout]
}

/**
 * Applies a transposition: for the two orders between which layouts differ the result is the same
 * data under another layout's name.
 */
export function transposed(value: Activation, order: readonly number[], onnx: OnnxBuilder): Activation {
  const shape = order.map(axis => value.shape[axis])
  const { plain, channelsFirst } = value.names
  if (plain !== undefined && order.join() === backToPlain.join()) return activation(shape, 'channelsFirst', plain)
  if (channelsFirst !== undefined && order.join() === axisOrder.channelsFirst.join())
    return activation(shape, 'plain', channelsFirst)
  return activation(shape, 'plain', onnx.node('Transpose', [nameOf(value, 'plain', onnx)], { perm: order }))
}
