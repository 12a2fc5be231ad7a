/** Writes ONNX models (opset 13): nodes in the order they are added, constants as initializers. */
import type { onnx } from 'onnx-proto'
import protocol from 'onnx-proto'

const { AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, ValueInfoProto } = protocol.onnx
const { AttributeType } = AttributeProto
const { DataType } = TensorProto

/** An attribute of a node: an integer, integers, a string, or `{ float }`. */
export type Attribute = number | readonly number[] | string | { float: number }

/** A size of an input: px, or a name for a size that is free. */
export type Dimension = number | string

/** What the elements of a tensor are. */
export type ElementType = 'FLOAT' | 'INT64'

/** Writes an ONNX graph node by node. */
export class OnnxBuilder {
  readonly #graph: onnx.IGraphProto & { node: onnx.INodeProto[]; initializer: onnx.ITensorProto[] } = {
    node: [],
    initializer: [],
  }
  readonly #inputs: onnx.IValueInfoProto[] = []
  readonly #outputs: onnx.IValueInfoProto[] = []
  #names = 0

  /** Declares an input, float32 by default. */
  input(name: string, dimensions: readonly Dimension[], type?: ElementType): void {
    this.#inputs.push(tensor(name, dimensions, type))
  }

  /** Makes a value an output of the given name (float32 by default, sizes left to the runtime). */
  output(name: string, value: string, type?: ElementType): void {
    this.#graph.node.push(NodeProto.create({ opType: 'Identity', input: [value], output: [name] }))
    this.#outputs.push(tensor(name, undefined, type))
  }

  /**
   * Adds a node with one output and returns the output's name. An empty input name leaves an
   * optional input out.
   */
  node(opType: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    return this.nodes(opType, inputs, attributes, 1)[0]
  }

  /** Adds a node with several outputs and returns their names. */
  nodes(opType: string, inputs: readonly string[], attributes: Record<string, Attribute>, outputs: number): string[] {
    const output = Array.from({ length: outputs }, () => this.#name())
    this.#graph.node.push(
      NodeProto.create({ opType, input: [...inputs], output, attribute: Object.entries(attributes).map(encodeAttribute) }),
    )
    return output
  }

  /** Adds a float32 constant and returns its name; without dimensions a scalar. */
  floats(data: ArrayLike<number>, dimensions: readonly number[] = []): string {
    return this.#constant(DataType.FLOAT, dimensions, Float32Array.from(data).buffer)
  }

  /** Adds a list of int64, as shapes, axes and paddings are given, and returns its name. */
  integers(data: ArrayLike<number>): string {
    return this.#constant(DataType.INT64, [data.length], BigInt64Array.from(Array.from(data, BigInt)).buffer)
  }

  /** The encoded model. */
  encode(): Uint8Array {
    const model = ModelProto.create({
      irVersion: 8,
      opsetImport: [OperatorSetIdProto.create({ domain: '', version: 13 })],
      producerName: 'obscura',
      graph: GraphProto.create({ name: 'graph', ...this.#graph, input: this.#inputs, output: this.#outputs }),
    })
    return ModelProto.encode(model).finish()
  }

  #constant(dataType: number, dims: readonly number[], buffer: ArrayBuffer): string {
    const name = this.#name()
    this.#graph.initializer.push(TensorProto.create({ name, dims: [...dims], dataType, rawData: new Uint8Array(buffer) }))
    return name
  }

  #name(): string {
    return `v${this.#names++}`
  }
}

/** Declares an input or output of a model, float32 by default. */
export function tensor(name: string, dimensions?: readonly Dimension[], type: ElementType = 'FLOAT'): onnx.ValueInfoProto {
  const dim = dimensions?.map(size => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }))
  return ValueInfoProto.create({ name, type: { tensorType: { elemType: DataType[type], ...(dim && { shape: { dim } }) } } })
}

function encodeAttribute([name, value]: [string, Attribute]): onnx.AttributeProto {
  if (typeof value === 'number') return AttributeProto.create({ name, type: AttributeType.INT, i: value })
  if (typeof value === 'string') return AttributeProto.create({ name, type: AttributeType.STRING, s: Buffer.from(value) })
  if ('float' in value) return AttributeProto.create({ name, type: AttributeType.FLOAT, f: value.float })
  return AttributeProto.create({ name, type: AttributeType.INTS, ints: [...value] })
}
