/**
 * Reads the node list of a TensorFlow.js GraphModel (model.json: a TensorFlow GraphDef as JSON).
 */
import type { WeightGroup } from '../weights.js'

/**
 * An attribute in protobuf's JSON form; integers come as strings, words as base64 or as bytes.
 */
interface RawAttribute {
  i?: string
  f?: number
  b?: boolean
  s?: RawText
  list?: { i?: string[]; s?: RawText[] }
}
type RawText = string | number[]

interface RawNode {
  name: string
  op: string
  input?: string[]
  attr?: Record<string, RawAttribute>
}

/** The parts of model.json that a conversion needs. */
export interface GraphModel {
  modelTopology: { node: RawNode[] }
  weightsManifest: WeightGroup[]
}

/** Output number `output` of the node `node`. */
export interface Reference {
  node: string
  output: number
}

/** A node of a TensorFlow.js graph, with typed attributes. */
export class GraphNode {
  readonly name: string
  readonly op: string
  readonly inputs: readonly Reference[]
  readonly #attributes: Record<string, RawAttribute>

  constructor({ name, op, input = [], attr = {} }: RawNode) {
    this.name = name
    this.op = op
    // Inputs that begin with ^ only order the execution.
    this.inputs = input.filter(text => !text.startsWith('^')).map(reference)
    this.#attributes = attr
  }

  /** A list of integers; empty when absent. */
  integers(attribute: string): number[] {
    return (this.#attributes[attribute]?.list?.i ?? []).map(Number)
  }

  /** An integer; 0 when absent, as in TensorFlow. */
  integer(attribute: string): number {
    return Number(this.#attributes[attribute]?.i ?? 0)
  }

  float(attribute: string, standard: number): number {
    return this.#attributes[attribute]?.f ?? standard
  }

  flag(attribute: string): boolean {
    return this.#attributes[attribute]?.b ?? false
  }

  /** A word; empty when absent. */
  text(attribute: string): string {
    return decodeText(this.#attributes[attribute]?.s)
  }

  texts(attribute: string): string[] {
    return (this.#attributes[attribute]?.list?.s ?? []).map(decodeText)
  }
}

function decodeText(text: RawText = ''): string {
  return typeof text === 'string' ? Buffer.from(text, 'base64').toString() : Buffer.from(text).toString()
}

function reference(text: string): Reference {
  const [node, output = '0'] = text.split(':')
  return { node, output: Number(output) }
}

/**
 * The nodes on which the outputs depend, each after its inputs. Below `input` nothing is visited:
 * choosing an inner node there or as an output cuts away pre- and post-processing.
 * @throws Error for a node that is not in the graph.
 */
export function evaluationOrder({ modelTopology }: GraphModel, input: string, outputs: readonly string[]): GraphNode[] {
  const nodes = new Map(modelTopology.node.map(raw => [raw.name, new GraphNode(raw)]))
  const ordered = new Map<string, GraphNode>()
  const visit = (name: string): void => {
    if (ordered.has(name)) return
    const node = nodes.get(name)
    if (node === undefined) throw new Error(`the graph has no node ${name}`)
    if (name !== input) for (const { node: before } of node.inputs) visit(before)
    ordered.set(name, node)
  }
  for (const output of outputs) visit(output)
  return [...ordered.values()]
}
