/** TensorFlow.js GraphModel -> ONNX. */
import { type Dimension, OnnxBuilder } from '../onnx.js'
import type { Tensor } from '../tensor.js'
import { folds } from './fold.js'
import { evaluationOrder, type GraphModel, type GraphNode } from './graph.js'
import { type Keep, keepClasses } from './keep.js'
import { operators } from './operators.js'
import { activation, axisOrder, isConstant, nameOf, type Value } from './value.js'

/** Which part of the graph becomes the model; the input and outputs may be inner nodes. */
export interface GraphCut {
  input: { node: string; shape: readonly number[]; layout: 'NHWC' | 'NCHW' }
  /** ONNX name of each output, and the node behind it. */
  outputs: Readonly<Record<string, string>>
  /** Height and width of the model stay free; needs a graph that nowhere asks for its shape. */
  free: boolean
  /** The classes that stay; default: all. */
  keep?: Keep
}

/**
 * Converts a graph. The model's input is called `tensor` and is N x C x H x W whatever the graph
 * has; outputs keep the graph's order of axes.
 * @param weights decoded weights by the names of the graph's Const nodes.
 * @throws Error naming the node that cannot be converted.
 */
export function convertGraph(model: GraphModel, weights: ReadonlyMap<string, Tensor>, tensor: string, cut: GraphCut): Uint8Array {
  const onnx = new OnnxBuilder()
  const layout = cut.input.layout === 'NHWC' ? 'channelsFirst' : 'plain'
  onnx.input(tensor, inputDimensions(cut, axisOrder[layout]))
  const values = new Map<string, Value[]>([[cut.input.node, [activation(cut.input.shape, layout, tensor)]]])
  for (const node of evaluationOrder(model, cut.input.node, Object.values(cut.outputs))) {
    if (values.has(node.name)) continue
    const inputs = node.inputs.map(({ node: name, output }) => values.get(name)![output])
    try {
      values.set(node.name, [evaluate(node, inputs, weights, cut.free, onnx)].flat())
    } catch (error) {
      throw new Error(`node ${node.name} (${node.op}): ${(error as Error).message}`, { cause: error })
    }
  }
  for (const [name, node] of Object.entries(cut.outputs)) onnx.output(name, nameOf(values.get(node)![0], 'plain', onnx))
  return cut.keep ? keepClasses(onnx.encode(), cut.keep) : onnx.encode()
}

function inputDimensions({ input, free }: GraphCut, order: readonly number[]): Dimension[] {
  const [batch, channels, height, width] = order.map(axis => input.shape[axis])
  return free ? [batch, channels, 'height', 'width'] : [batch, channels, height, width]
}

function evaluate(
  node: GraphNode,
  inputs: Value[],
  weights: ReadonlyMap<string, Tensor>,
  free: boolean,
  onnx: OnnxBuilder,
): Value | Value[] {
  if (node.op === 'Const') {
    const weight = weights.get(node.name)
    if (weight === undefined) throw new Error('no such weight')
    return weight
  }
  if (node.op === 'Shape') {
    if (free) throw new Error('a graph with variable size must not use Shape')
    return { shape: [inputs[0].shape.length], data: Int32Array.from(inputs[0].shape) }
  }
  const fold = folds[node.op]
  if (fold !== undefined && inputs.every(isConstant)) return fold(inputs, node)
  const operator = operators[node.op]
  if (operator === undefined) throw new Error('this operator is not supported')
  return operator(inputs, node, onnx)
}
