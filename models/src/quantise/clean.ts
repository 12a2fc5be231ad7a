/**
 * Folds into convolutions what surrounds them in published graphs: paddings before, and constant
 * factors, offsets and batch normalisations after; pools come before activations. The result
 * computes the same.
 */
import {
  addConstant,
  attributeOf,
  consumers,
  type Floats,
  floatsOf,
  type Graph,
  integersIn,
  integersOf,
  type Node,
  producers,
  setIntegers,
} from './graph.js'

/** Simplifies a graph in place; what it computes stays the same. */
export function clean(graph: Graph): void {
  dropIdentities(graph)
  foldPads(graph)
  poolFirst(graph)
  for (const node of [...graph.nodes]) if (node.opType === 'Conv') foldAffine(graph, node)
}

/** Identities stay only where they give an output its name. */
function dropIdentities(graph: Graph): void {
  const outputs = new Set(graph.outputs.map(({ name }) => name!))
  const renamed = new Map<string, string>()
  graph.nodes = graph.nodes.filter(node => {
    node.input = node.input.map(name => renamed.get(name) ?? name)
    if (node.opType !== 'Identity' || outputs.has(node.output[0])) return true
    renamed.set(node.output[0], node.input[0])
    return false
  })
}

/** Pads of the two image axes whose value is what the window would see beyond the border anyway. */
function foldPads(graph: Graph): void {
  const readers = consumers(graph)
  const beyond: Record<string, (value: number) => boolean> = {
    Conv: value => value === 0,
    // What no sample falls below.
    MaxPool: value => value < -1e30,
  }
  graph.nodes = graph.nodes.filter(pad => {
    if (pad.opType !== 'Pad') return true
    const windows = readers.get(pad.output[0]) ?? []
    const amounts = integersIn(graph, pad.input[1])
    const value = pad.input[2] ? floatsOf(graph, pad.input[2])!.data[0] : 0
    const spatial = [2, 3, 6, 7].map(axis => amounts[axis])
    const isSpatial = amounts.reduce((sum, amount) => sum + amount) === spatial.reduce((sum, amount) => sum + amount)
    if (!isSpatial || !windows.every(({ opType }) => beyond[opType]?.(value))) return true
    for (const window of windows) {
      const pads = integersOf(window, 'pads', [0, 0, 0, 0])
      setIntegers(
        window,
        'pads',
        pads.map((own, i) => own + spatial[i]),
      )
      window.input[0] = pad.input[0]
    }
    return false
  })
}

/**
 * The maximum of activations is the activation of the maximum where that rises everywhere: after
 * the pool it has a quarter of the values to compute.
 */
function poolFirst(graph: Graph): void {
  const makers = producers(graph)
  const readers = consumers(graph)
  for (const pool of [...graph.nodes]) {
    const activation = makers.get(pool.input[0])
    if (pool.opType !== 'MaxPool' || activation?.opType !== 'LeakyRelu') continue
    const rises = (attributeOf(activation, 'alpha')?.f ?? 0.01) > 0
    const isOutput = graph.outputs.some(({ name }) => name === activation.output[0])
    if (!rises || isOutput || readers.get(activation.output[0])?.length !== 1) continue
    const [pooled] = activation.output
    pool.input[0] = activation.input[0]
    activation.output = pool.output
    pool.output = [pooled]
    activation.input[0] = pooled
    graph.nodes.splice(graph.nodes.indexOf(activation), 1)
    graph.nodes.splice(graph.nodes.indexOf(pool) + 1, 0, activation)
  }
}

/** What follows a convolution as y = scale * x + shift, channel by channel. */
interface Affine {
  scale: (channel: number) => number
  shift: (channel: number) => number
}

/** Takes over what alone reads the convolution's output, until that is not an affine function. */
function foldAffine(graph: Graph, conv: Node): void {
  for (;;) {
    const readers = graph.nodes.filter(node => node.input.includes(conv.output[0]))
    const isOutput = graph.outputs.some(({ name }) => name === conv.output[0])
    const affine = readers.length === 1 && !isOutput ? affineOf(graph, readers[0], conv.output[0]) : undefined
    if (!affine) return
    apply(graph, conv, affine)
    conv.output = readers[0].output
    graph.nodes.splice(graph.nodes.indexOf(readers[0]), 1)
  }
}

function affineOf(graph: Graph, node: Node, from: string): Affine | undefined {
  if (node.opType === 'BatchNormalization') {
    const [gamma, beta, mean, variance] = node.input.slice(1).map(name => floatsOf(graph, name)!.data)
    const epsilon = attributeOf(node, 'epsilon')?.f ?? 1e-5
    const scale = (c: number) => gamma[c] / Math.sqrt(variance[c] + epsilon)
    return { scale, shift: c => beta[c] - mean[c] * scale(c) }
  }
  if (node.opType !== 'Add' && node.opType !== 'Mul') return undefined
  const constant = floatsOf(graph, node.input.find(name => name !== from) ?? '')
  const value = constant && perChannel(constant)
  if (!value) return undefined
  return node.opType === 'Add' ? { scale: () => 1, shift: value } : { scale: value, shift: () => 0 }
}

/** The value of each channel of a constant [1, C, 1, 1] or of a single value. */
function perChannel({ data, shape }: Floats): ((channel: number) => number) | undefined {
  if (data.length === 1) return () => data[0]
  const isChannels = shape.length === 4 && shape[1] === data.length
  return isChannels ? channel => data[channel] : undefined
}

function apply(graph: Graph, conv: Node, { scale, shift }: Affine): void {
  const { data, shape } = floatsOf(graph, conv.input[1])!
  const bias = conv.input[2] ? floatsOf(graph, conv.input[2])!.data : new Float32Array(shape[0])
  const area = data.length / shape[0]
  const weights = data.map((value, i) => value * scale(Math.floor(i / area)))
  const [name] = conv.output
  conv.input = [
    conv.input[0],
    addConstant(graph, `${name}.weights`, 'float', weights, shape),
    addConstant(
      graph,
      `${name}.bias`,
      'float',
      bias.map((value, channel) => value * scale(channel) + shift(channel)),
      [shape[0]],
    ),
  ]
}
