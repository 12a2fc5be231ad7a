/** An ONNX graph as the steps of quantisation change it. */
import type { onnx } from 'onnx-proto'
import protocol from 'onnx-proto'

const { AttributeProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto } = protocol.onnx
const { DataType } = TensorProto

/** A node whose lists are present. */
export type Node = onnx.INodeProto & { opType: string; input: string[]; output: string[]; attribute: onnx.IAttributeProto[] }

/** Nodes are listed after the nodes whose outputs they read; constants are not among them. */
export interface Graph {
  nodes: Node[]
  constants: Map<string, onnx.ITensorProto>
  input: onnx.IValueInfoProto
  outputs: onnx.IValueInfoProto[]
}

/** Float values and their shape; scalars have shape []. */
export interface Floats {
  data: Float32Array
  shape: readonly number[]
}

/**
 * Reads a model with one input; Constant nodes become constants. @throws Error when it is not an
 * ONNX model
 */
export function readGraph(model: Uint8Array): Graph {
  const graph = ModelProto.decode(model).graph!
  const constants = new Map(graph.initializer!.map(tensor => [tensor.name!, tensor]))
  const nodes: Node[] = []
  for (const node of graph.node as Node[]) {
    const value = node.opType === 'Constant' && attributeOf(node, 'value')?.t
    if (value) constants.set(node.output[0], { ...value, name: node.output[0] })
    else nodes.push(node)
  }
  const [input] = graph.input!.filter(({ name }) => !constants.has(name!))
  return { nodes, constants, input, outputs: graph.output! }
}

/** The model of a graph, without constants and nodes that nothing reads. */
export function encodeGraph({ nodes, constants, input, outputs }: Graph): Uint8Array {
  const needed = new Set(outputs.map(({ name }) => name!))
  const kept = nodes.toReversed().filter(node => {
    if (!node.output.some(name => needed.has(name))) return false
    for (const name of node.input) needed.add(name)
    return true
  })
  const model = ModelProto.create({
    irVersion: 8,
    opsetImport: [OperatorSetIdProto.create({ domain: '', version: 13 })],
    producerName: 'obscura',
    graph: {
      name: 'graph',
      node: kept.reverse(),
      initializer: [...constants.values()].filter(({ name }) => needed.has(name!)),
      input: [input],
      output: outputs,
    },
  })
  return ModelProto.encode(model).finish()
}

/** The node that makes each value. */
export function producers({ nodes }: Graph): Map<string, Node> {
  return new Map(nodes.flatMap(node => node.output.map(name => [name, node] as const)))
}

/** The nodes that read each value. */
export function consumers({ nodes }: Graph): Map<string, Node[]> {
  const readers = new Map<string, Node[]>()
  for (const node of nodes) {
    for (const name of node.input) readers.set(name, [...(readers.get(name) ?? []), node])
  }
  return readers
}

/** An attribute of a node, undefined where it has none of the name. */
export function attributeOf(node: Node, name: string): onnx.IAttributeProto | undefined {
  return node.attribute.find(attribute => attribute.name === name)
}

/** A list of integers; the default where the node has none. */
export function integersOf(node: Node, name: string, standard: readonly number[]): number[] {
  return (attributeOf(node, name)?.ints ?? standard).map(Number)
}

/** A node with one output of the same name; attributes are integers or lists of them. */
export function makeNode(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Record<string, number | readonly number[]> = {},
): Node {
  const attribute = Object.entries(attributes).map(([name, value]) =>
    typeof value === 'number'
      ? AttributeProto.create({ name, type: AttributeProto.AttributeType.INT, i: value })
      : AttributeProto.create({ name, type: AttributeProto.AttributeType.INTS, ints: [...value] }),
  )
  return NodeProto.create({ opType, input: [...input], output: [output], name: output, attribute }) as Node
}

/** Sets attributes of integers. */
export function setIntegers(node: Node, name: string, values: readonly number[]): void {
  const [attribute] = makeNode('', [], '', { [name]: values }).attribute
  node.attribute = [...node.attribute.filter(other => other.name !== name), attribute]
}

/** The values of a float constant; undefined for any other value of the graph. */
export function floatsOf({ constants }: Graph, name: string): Floats | undefined {
  const tensor = constants.get(name)
  if (tensor?.dataType !== DataType.FLOAT) return undefined
  const { rawData, floatData, dims } = tensor
  const data = rawData?.length ? new Float32Array(Uint8Array.from(rawData).buffer) : Float32Array.from(floatData ?? [])
  return { data, shape: (dims ?? []).map(Number) }
}

/** The values of a constant of int64, such as a list of paddings. */
export function integersIn({ constants }: Graph, name: string): number[] {
  const { rawData, int64Data } = constants.get(name)!
  if (!rawData?.length) return (int64Data ?? []).map(Number)
  return Array.from(new BigInt64Array(Uint8Array.from(rawData).buffer), Number)
}

const TYPES = {
  float: DataType.FLOAT,
  uint8: DataType.UINT8,
  int8: DataType.INT8,
  int32: DataType.INT32,
  int64: DataType.INT64,
} as const
type Values = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array

/** Adds a constant and returns its name. */
export function addConstant(
  { constants }: Graph,
  name: string,
  type: keyof typeof TYPES,
  data: Values,
  dims: readonly number[] = [],
): string {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  constants.set(name, TensorProto.create({ name, dataType: TYPES[type], dims: [...dims], rawData }))
  return name
}
