/** TensorFlow's operators in ONNX: only those that our models use. */
import type { Attribute, OnnxBuilder } from '../onnx.js'
import { broadcastShape, count, type Tensor } from '../tensor.js'
import type { GraphNode } from './graph.js'
import { type Activation, activation, axisIn, axisOrder, isConstant, layoutOf, nameOf, transposed, type Value } from './value.js'
import { convolution, maxPool } from './window.js'

/**
 * Adds ONNX nodes for a node whose inputs are not all constant; gives its outputs, a single one
 * without a list.
 */
type Operator = (inputs: Value[], node: GraphNode, onnx: OnnxBuilder) => Value | Value[]

const add = elementwise('Add')

export const operators: Readonly<Record<string, Operator>> = {
  Identity: ([x]) => x,

  Conv2D: (inputs, node, onnx) => convolution(node, inputs, onnx, false),
  _FusedConv2D: (inputs, node, onnx) => convolution(node, inputs, onnx, false),
  DepthwiseConv2dNative: (inputs, node, onnx) => convolution(node, inputs, onnx, true),
  MaxPool: (inputs, node, onnx) => maxPool(node, inputs, onnx),
  FusedBatchNorm: batchNormalization,

  Add: add,
  AddV2: add,
  AddN: add,
  BiasAdd: add,
  Mul: elementwise('Mul'),

  Relu: unary('Relu'),
  Relu6: unary('Clip', (_, onnx) => ({ constants: [onnx.floats([0]), onnx.floats([6])] })),
  LeakyRelu: unary('LeakyRelu', node => ({ attributes: { alpha: { float: node.float('alpha', 0.2) } } })),
  Sigmoid: unary('Sigmoid'),

  Pad: pad,
  PadV2: pad,
  ResizeBilinear: resize,
  ConcatV2: concat,
  SplitV: split,
  Reshape: reshape,
  Transpose: ([x, order], _, onnx) => transposed(running(x), integers(order), onnx),
}

function running(value: Value): Activation {
  if (isConstant(value)) throw new Error('the first input must not be constant')
  return value
}

/** The elements of an input that must be known while converting: a shape, an axis, paddings. */
function integers(value: Value): number[] {
  if (!isConstant(value)) throw new Error('shapes, axes and paddings must be constant')
  return Array.from(value.data)
}

/** An axis, counted from the front. */
function axisOf(value: Value, rank: number): number {
  const [axis] = integers(value)
  return axis < 0 ? axis + rank : axis
}

/** An operator on two or more operands, with broadcasting. */
function elementwise(opType: 'Add' | 'Mul'): Operator {
  return (operands, _, onnx) => {
    const shape = operands.map(operand => operand.shape).reduce(broadcastShape)
    const layout = layoutOf(...operands)
    const name = (operand: Value) => nameOf(layout === 'plain' ? operand : withFourAxes(operand), layout, onnx)
    return activation(
      shape,
      layout,
      operands.map(name).reduce((a, b) => onnx.node(opType, [a, b])),
    )
  }
}

/**
 * Gives a constant leading axes of size 1, so that broadcasting survives the move of the channels.
 */
function withFourAxes(value: Value): Value {
  if (!isConstant(value)) return value
  return { shape: [...new Array<number>(4 - value.shape.length).fill(1), ...value.shape], data: value.data }
}

type Extras = { constants?: string[]; attributes?: Record<string, Attribute> }

/** An operator that leaves shape and layout alone. */
function unary(opType: string, extras: (node: GraphNode, onnx: OnnxBuilder) => Extras = () => ({})): Operator {
  return ([x], node, onnx) => {
    const layout = layoutOf(x)
    const { constants = [], attributes } = extras(node, onnx)
    return activation(x.shape, layout, onnx.node(opType, [nameOf(x, layout, onnx), ...constants], attributes))
  }
}

function batchNormalization([x, ...statistics]: Value[], node: GraphNode, onnx: OnnxBuilder): Value {
  const constants = statistics.map(value => onnx.floats((value as Tensor).data, value.shape))
  const epsilon = { float: node.float('epsilon', 1e-4) }
  const name = onnx.node('BatchNormalization', [nameOf(x, 'channelsFirst', onnx), ...constants], { epsilon })
  return activation(x.shape, 'channelsFirst', name)
}

/** Paddings are [before, after] for each axis; the value is the third input or 0. */
function pad([x, paddings, value]: Value[], _: GraphNode, onnx: OnnxBuilder): Value {
  const layout = layoutOf(x)
  const amounts = integers(paddings)
  const order = axisOrder[layout]
  const pads = [...order.map(axis => amounts[2 * axis]), ...order.map(axis => amounts[2 * axis + 1])]
  const constants = [onnx.integers(pads), onnx.floats(value === undefined ? [0] : (value as Tensor).data)]
  const shape = x.shape.map((size, axis) => size + amounts[2 * axis] + amounts[2 * axis + 1])
  return activation(shape, layout, onnx.node('Pad', [nameOf(x, layout, onnx), ...constants]))
}

/** The size asked for becomes a factor, so that the result follows an input of another size. */
function resize([x, size]: Value[], node: GraphNode, onnx: OnnxBuilder): Value {
  if (node.flag('align_corners') || !node.flag('half_pixel_centers')) throw new Error('only half-pixel centres are supported')
  const [height, width] = integers(size)
  const factors = onnx.floats([1, 1, height / x.shape[1], width / x.shape[2]], [4])
  const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }
  const name = onnx.node('Resize', [nameOf(x, 'channelsFirst', onnx), '', factors], attributes)
  return activation([x.shape[0], height, width, x.shape[3]], 'channelsFirst', name)
}

function concat(inputs: Value[], _: GraphNode, onnx: OnnxBuilder): Value {
  const parts = inputs.slice(0, -1)
  const [{ shape }] = parts
  const axis = axisOf(inputs.at(-1)!, shape.length)
  const layout = layoutOf(...parts)
  const size = parts.reduce((sum, part) => sum + part.shape[axis], 0)
  const names = parts.map(part => nameOf(part, layout, onnx))
  return activation(shape.with(axis, size), layout, onnx.node('Concat', names, { axis: axisIn(layout, axis) }))
}

function split([x, sizes, along]: Value[], _: GraphNode, onnx: OnnxBuilder): Value[] {
  const axis = axisOf(along, x.shape.length)
  const layout = layoutOf(x)
  const lengths = integers(sizes)
  const operands = [nameOf(x, layout, onnx), onnx.integers(lengths)]
  const names = onnx.nodes('Split', operands, { axis: axisIn(layout, axis) }, lengths.length)
  return names.map((name, i) => activation(x.shape.with(axis, lengths[i]), layout, name))
}

/** A size of -1 stays -1 in ONNX, so that the result follows an input of another size. */
function reshape([x, target]: Value[], _: GraphNode, onnx: OnnxBuilder): Value {
  const shape = integers(target)
  const known = count(shape.filter(size => size !== -1))
  const name = onnx.node('Reshape', [nameOf(x, 'plain', onnx), onnx.integers(shape)])
  return activation(
    shape.map(size => (size === -1 ? count(x.shape) / known : size)),
    'plain',
    name,
  )
}
