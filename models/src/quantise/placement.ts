/** Which nodes compute with 8 bits, and which values are stored with them. */
import { attributeOf, consumers, type Graph, type Node, producers } from './graph.js'

/** Which nodes compute in 8 bits. */
export interface Placement {
  nodes: ReadonlySet<Node>
  /** Values that get a scale and a zero point. */
  values: ReadonlySet<string>
  /** Activations that saturation replaces: a Relu or Clip after a convolution. */
  saturated: ReadonlySet<Node>
  /** The value whose range each value shares, where it is not its own. */
  sharedWith: (value: string) => string
}

/** Nodes between convolutions that ONNX Runtime has in 8 bits. */
const BETWEEN = new Set(['LeakyRelu', 'Relu', 'Clip', 'MaxPool', 'Concat', 'Resize', 'Add'])

/** Their outputs need the ranges of their inputs: they move values, or choose among them. */
const MOVING = new Set(['MaxPool', 'Concat', 'Resize'])

/**
 * All convolutions but the last ones, whose outputs stay float: there a rare object's score is a
 * rare value, which coarse steps would lose. Then what lies between convolutions.
 * @param float names of further convolutions (of their outputs) that stay float
 */
export function place(graph: Graph, float: readonly string[] = []): Placement {
  const makers = producers(graph)
  const readers = consumers(graph)
  const outputs = new Set(graph.outputs.map(({ name }) => name!))
  const last = lastConvolutions(graph)
  const staysFloat = (node: Node) => last.has(node) || float.includes(node.output[0])
  const nodes = new Set(graph.nodes.filter(node => node.opType === 'Conv' && !staysFloat(node)))
  for (const node of graph.nodes)
    if (isBetween(node) && running(graph, node).some(name => nodes.has(makers.get(name)!))) nodes.add(node)
  prune(graph, nodes, readers)

  const saturated = new Set<Node>()
  const values = new Set<string>()
  for (const node of nodes) {
    for (const name of running(graph, node)) if (makers.get(name)?.opType !== 'DequantizeLinear') values.add(name)
    values.add(node.output[0])
  }
  for (const node of nodes) {
    const [next, ...others] = node.opType === 'Conv' ? (readers.get(node.output[0]) ?? []) : []
    const isActivation = next?.opType === 'Relu' || next?.opType === 'Clip'
    if (!isActivation || others.length > 0 || !nodes.has(next) || outputs.has(node.output[0])) continue
    saturated.add(next)
    values.delete(node.output[0])
  }
  return { nodes, values, saturated, sharedWith: sharing(graph, nodes) }
}

/** The inputs that are computed. */
function running({ constants }: Graph, { input, opType }: Node): string[] {
  const data = opType === 'Resize' ? input.slice(0, 1) : input
  return data.filter(name => name !== '' && !constants.has(name))
}

/** Convolutions from which no way leads to another one. */
function lastConvolutions({ nodes }: Graph): Set<Node> {
  const last = new Set<Node>()
  const leading = new Set<string>()
  for (const node of nodes.toReversed()) {
    const leads = node.output.some(name => leading.has(name))
    if (node.opType === 'Conv' && !leads) last.add(node)
    if (node.opType === 'Conv' || leads) for (const name of node.input) leading.add(name)
  }
  return last
}

function isBetween(node: Node): boolean {
  if (node.opType !== 'Resize') return BETWEEN.has(node.opType)
  const mode = attributeOf(node, 'mode')?.s
  return !mode || Buffer.from(mode).toString() === 'nearest'
}

/** Removes what leads to no convolution of 8 bits, except activations of such. */
function prune(graph: Graph, nodes: Set<Node>, readers: Map<string, Node[]>): void {
  for (const node of graph.nodes.toReversed()) {
    if (node.opType === 'Conv' || !nodes.has(node)) continue
    const isRead = (readers.get(node.output[0]) ?? []).some(reader => nodes.has(reader))
    const isActivation = node.opType === 'Relu' || node.opType === 'Clip'
    if (!isRead && !isActivation) nodes.delete(node)
  }
}

/** Groups of values with one range, by union and find. */
function sharing(graph: Graph, nodes: ReadonlySet<Node>): (value: string) => string {
  const above = new Map<string, string>()
  const top = (value: string): string => (above.has(value) ? top(above.get(value)!) : value)
  for (const node of nodes) {
    if (!MOVING.has(node.opType)) continue
    for (const name of running(graph, node)) if (top(name) !== top(node.output[0])) above.set(top(name), top(node.output[0]))
  }
  return top
}
