/**
 * Leaves out the classes that nobody asks a network for. Its last convolutions compute in floats, a
 * filter a class: with 91 classes they take a quarter of the time of an SSDLite in 8-bit integers.
 */
import { addConstant, encodeGraph, floatsOf, type Graph, integersIn, type Node, producers, readGraph } from '../quantise/graph.js'

/** Which classes stay. */
export interface Keep {
  /** The outputs that hold their scores. */
  outputs: readonly string[]
  /** Number of classes in the published network. */
  of: number
  /** Their numbers there, ascending; in the model they are numbered from 0. */
  classes: readonly number[]
}

/**
 * A model whose outputs hold only some of the classes, with the values that they had.
 * @throws Error naming an operator between the outputs and their convolutions that is not known
 */
export function keepClasses(model: Uint8Array, { outputs, of, classes }: Keep): Uint8Array {
  const graph = readGraph(model)
  const makers = producers(graph)
  const done = new Set<Node>()
  /** @param range the channels that are scores, where others are beside them */
  const visit = (value: string, range?: Range): void => {
    const node = makers.get(value)
    if (node === undefined || done.has(node)) return
    const shrink = SHRINK[node.opType]
    if (shrink === undefined) throw new Error(`classes cannot be left out behind a node ${node.opType}`)
    done.add(node)
    const inner = shrink(graph, node, { of, classes, range, value })
    if (node.opType !== 'Conv') for (const name of node.input) if (!graph.constants.has(name)) visit(name, inner)
  }
  for (const output of outputs) visit(output)
  return encodeGraph(graph)
}

type Range = readonly [start: number, end: number]

interface How extends Omit<Keep, 'outputs'> {
  range: Range | undefined
  /** The output of the node by which it was reached. */
  value: string
}

/** Changes the constants of a node; gives the range of its inputs. */
type Shrink = (graph: Graph, node: Node, how: How) => Range | undefined

const unchanged: Shrink = (_, __, { range }) => range

const SHRINK: Readonly<Record<string, Shrink>> = {
  Identity: unchanged,
  Transpose: unchanged,
  Sigmoid: unchanged,
  Concat: unchanged,
  Reshape(graph, node, { of, classes }) {
    const shape = integersIn(graph, node.input[1])
    node.input[1] = integers(
      graph,
      `${node.output[0]}.shape`,
      shape.map(size => (size === of ? classes.length : size)),
    )
    return undefined
  },
  Split(graph, node, { classes, value }) {
    const sizes = integersIn(graph, node.input[1])
    const part = node.output.indexOf(value)
    const start = sizes.slice(0, part).reduce((sum, size) => sum + size, 0)
    node.input[1] = integers(graph, `${value}.sizes`, sizes.with(part, classes.length))
    return [start, start + sizes[part]]
  },
  Add(graph, node, how) {
    node.input = node.input.map(name => (graph.constants.has(name) ? kept(graph, name, 1, how) : name))
    return how.range
  },
  Conv(graph, node, how) {
    const [x, ...constants] = node.input
    node.input = [x, ...constants.map(name => kept(graph, name, 0, how))]
    return undefined
  },
}

/** A float constant without the channels of other classes along `axis`. */
function kept(graph: Graph, name: string, axis: 0 | 1, { of, classes, range }: How): string {
  const { data, shape } = floatsOf(graph, name)!
  const [start, end] = range ?? [0, shape[axis]]
  const size = data.length / shape[axis]
  const rows = Array.from({ length: shape[axis] }, (_, channel) => channel).filter(
    channel => channel < start || channel >= end || classes.includes((channel - start) % of),
  )
  const out = new Float32Array(rows.length * size)
  for (const [i, row] of rows.entries()) out.set(data.subarray(row * size, (row + 1) * size), i * size)
  return addConstant(graph, `${name}.kept`, 'float', out, shape.with(axis, rows.length))
}

function integers(graph: Graph, name: string, values: readonly number[]): string {
  return addConstant(graph, name, 'int64', BigInt64Array.from(values, BigInt), [values.length])
}
