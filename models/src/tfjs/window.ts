/** Convolutions and pooling: operators that move a window over an image. */
import type { OnnxBuilder } from '../onnx.js'
import { type Tensor, transpose } from '../tensor.js'
import type { GraphNode } from './graph.js'
import { type Activation, activation, isConstant, nameOf, type Value } from './value.js'

interface Window {
  /** Sizes of the result, H and W. */
  size: [number, number]
  /** Attributes as ONNX names them; pads are top, left, bottom, right. */
  attributes: { kernel_shape: number[]; strides: number[]; pads: number[] }
}

/**
 * Places a window as TensorFlow does. SAME gives ceil(size / stride) results and puts an odd pad at
 * the end; VALID pads nothing. https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
 */
function place(node: GraphNode, shape: readonly number[], kernel: readonly number[]): Window {
  const padding = node.text('padding')
  if (padding !== 'SAME' && padding !== 'VALID') throw new Error(`padding ${padding} is not supported`)
  if (node.text('data_format') !== 'NHWC') throw new Error(`data format ${node.text('data_format')} is not supported`)
  if (node.integers('dilations').some(dilation => dilation !== 1)) throw new Error('dilated windows are not supported')
  const strides = node.integers('strides').slice(1, 3)
  const axes = [0, 1].map(axis => {
    const [length, extent, stride] = [shape[axis + 1], kernel[axis], strides[axis]]
    if (padding === 'VALID') return { length: Math.floor((length - extent) / stride) + 1, before: 0, after: 0 }
    const results = Math.ceil(length / stride)
    const pad = Math.max((results - 1) * stride + extent - length, 0)
    return { length: results, before: Math.floor(pad / 2), after: Math.ceil(pad / 2) }
  })
  const [y, x] = axes
  return {
    size: [y.length, x.length],
    attributes: { kernel_shape: [...kernel], strides, pads: [y.before, x.before, y.after, x.after] },
  }
}

/**
 * Conv2D, its fused form with a bias, and the depthwise convolution. Filters are [height, width,
 * in, out] or [height, width, in, multiplier].
 */
export function convolution(node: GraphNode, [input, filter, bias]: Value[], onnx: OnnxBuilder, depthwise: boolean): Activation {
  if (!isConstant(filter)) throw new Error('the filter must be constant')
  const fused = node.texts('fused_ops').join('+')
  if (!['', 'BiasAdd', 'BiasAdd+Relu'].includes(fused)) throw new Error(`fused ${fused} is not supported`)
  const [height, width, inputs, outputs] = filter.shape
  const channels = depthwise ? inputs * outputs : outputs
  const { size, attributes } = place(node, input.shape, [height, width])
  const weights = depthwise ? onnxDepthwiseFilter(filter) : onnxFilter(filter)
  const operands = [nameOf(input, 'channelsFirst', onnx), onnx.floats(weights.data, weights.shape)]
  if (fused !== '') operands.push(onnx.floats((bias as Tensor).data, [channels]))
  const name = onnx.node('Conv', operands, { ...attributes, group: depthwise ? inputs : 1 })
  const activated = fused.endsWith('Relu') ? onnx.node('Relu', [name]) : name
  return activation([input.shape[0], ...size, channels], 'channelsFirst', activated)
}

/** [height, width, in, out] -> ONNX's [out, in, height, width]. */
export function onnxFilter(filter: Tensor): Tensor {
  return transpose(filter, [3, 2, 0, 1])
}

/** [height, width, in, multiplier] -> ONNX's [in * multiplier, 1, height, width]. */
export function onnxDepthwiseFilter(filter: Tensor): Tensor {
  const [height, width, inputs, multiplier] = filter.shape
  return { shape: [inputs * multiplier, 1, height, width], data: transpose(filter, [2, 3, 0, 1]).data }
}

/** Converts MaxPool. */
export function maxPool(node: GraphNode, [input]: Value[], onnx: OnnxBuilder): Activation {
  const { size, attributes } = place(node, input.shape, node.integers('ksize').slice(1, 3))
  const name = onnx.node('MaxPool', [nameOf(input, 'channelsFirst', onnx)], attributes)
  return activation([input.shape[0], ...size, input.shape[3]], 'channelsFirst', name)
}
