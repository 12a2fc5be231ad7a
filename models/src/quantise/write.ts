/**
 * Writes scales into a graph: values pass through QuantizeLinear and DequantizeLinear, from which
 * ONNX Runtime makes convolutions of integers.
 * https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, QDQ
 */
import { addConstant, floatsOf, type Graph, makeNode, type Node } from './graph.js'
import type { Placement } from './placement.js'
import { type Range, type Steps, stepsOf } from './ranges.js'
import { wholeWeights } from './weights.js'

/** @throws Error naming a value that has no range */
export function write(graph: Graph, placement: Placement, ranges: Record<string, Range>): void {
  const steps = stepsByValue(graph, placement, ranges)
  const outputs = new Set(graph.outputs.map(({ name }) => name!))
  /** Through what each value is read from now on. */
  const readAs = new Map<string, string>()
  const nodes: Node[] = []

  /** Stores `value`, as computed under the name `computed`, in integers. */
  const store = (value: string, computed: string, result: string) => {
    const { scale, zero } = steps(value)
    const constants = [
      addConstant(graph, `${value}.scale`, 'float', Float32Array.of(scale)),
      addConstant(graph, `${value}.zero`, 'uint8', Uint8Array.of(zero)),
    ]
    nodes.push(makeNode('QuantizeLinear', [computed, ...constants], `${value}.whole`))
    nodes.push(makeNode('DequantizeLinear', [`${value}.whole`, ...constants], result))
    readAs.set(value, result)
  }

  for (const node of graph.nodes) {
    const [value] = node.output
    const inputs = node.input
    node.input = inputs.map(name => readAs.get(name) ?? name)
    if (placement.saturated.has(node)) {
      store(value, node.input[0], `${value}.read`)
      continue
    }
    if (placement.nodes.has(node) && node.opType === 'Conv')
      nodes.push(...takeWholeWeights(graph, node, inputScale(graph, steps, inputs[0])))
    nodes.push(node)
    if (!placement.values.has(value)) continue
    if (outputs.has(value)) {
      node.output = [`${value}.float`]
      store(value, `${value}.float`, value)
    } else {
      store(value, value, `${value}.read`)
    }
  }
  graph.nodes = nodes
}

/**
 * Steps of every value that is stored in integers; values that share a range get its union.
 */
function stepsByValue(graph: Graph, { values, saturated, sharedWith }: Placement, ranges: Record<string, Range>) {
  const limits = new Map([...saturated].map(node => [node.output[0], limitsOf(graph, node)]))
  const shared = new Map<string, Range>()
  for (const value of values) {
    const measured = ranges[value]
    if (!measured) throw new Error(`no range was measured for ${value}`)
    const [low, high] = limits.get(value) ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    const own = [Math.max(low, measured[0]), Math.min(high, measured[1])] as const
    const other = shared.get(sharedWith(value)) ?? own
    shared.set(sharedWith(value), [Math.min(own[0], other[0]), Math.max(own[1], other[1])])
  }
  return (value: string): Steps => stepsOf(shared.get(sharedWith(value))!)
}

/** What an activation lets through. */
function limitsOf(graph: Graph, { opType, input }: Node): Range {
  return opType === 'Clip'
    ? [floatsOf(graph, input[1])!.data[0], floatsOf(graph, input[2])!.data[0]]
    : [0, Number.POSITIVE_INFINITY]
}

/** The scale of a convolution's input; bytes of an image have one of their own. */
function inputScale(graph: Graph, steps: (value: string) => Steps, value: string): number {
  const given = graph.nodes.find(({ opType, output }) => opType === 'DequantizeLinear' && output[0] === value)
  return given ? floatsOf(graph, given.input[1])!.data[0] : steps(value).scale
}

/** Replaces weights and bias of a convolution; returns the nodes that make them. */
function takeWholeWeights(graph: Graph, conv: Node, scale: number): Node[] {
  const { data, shape } = floatsOf(graph, conv.input[1])!
  const bias = conv.input[2] ? floatsOf(graph, conv.input[2])!.data : undefined
  const { weights, scales, biases, biasScales } = wholeWeights(data, shape[0], scale, bias)
  const prefix = `${conv.output[0]}.${conv.opType}`
  const axis = [shape[0]]
  const read = (
    kind: string,
    type: 'int8' | 'int32',
    values: Int8Array | Int32Array,
    dims: readonly number[],
    steps: Float32Array,
  ) =>
    makeNode(
      'DequantizeLinear',
      [
        addConstant(graph, `${prefix}.${kind}.whole`, type, values, dims),
        addConstant(graph, `${prefix}.${kind}.scales`, 'float', steps, axis),
        addConstant(
          graph,
          `${prefix}.${kind}.zeros`,
          type,
          type === 'int8' ? new Int8Array(axis[0]) : new Int32Array(axis[0]),
          axis,
        ),
      ],
      `${prefix}.${kind}`,
      { axis: 0 },
    )
  const nodes = [read('weights', 'int8', weights, shape, scales)]
  if (biases) nodes.push(read('bias', 'int32', biases, axis, biasScales))
  conv.input = [conv.input[0], ...nodes.map(({ output }) => output[0])]
  return nodes
}
